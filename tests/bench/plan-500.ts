// Measures the plan of 500 instances as whole processes that start cold: the first plan, and one that replaces every VM of
// what is there. As a program: plan-500.ts CLI [RUNS] (the built dist/cli/repave.js)
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { writeSleeperRelease } from "../support/platform/release.ts";
import { median, report } from "./figure.ts";
import { measuredRun } from "./support/measured-run.ts";

const [cli, runs = "5"] = process.argv.slice(2);

const cloud = {
  azs: ["z1", "z2", "z3"].map((name) => ({ name })),
  vm_types: [{ name: "default" }],
  networks: [{ name: "default", type: "manual", subnets: ["z1", "z2", "z3"].map((az, i) => ({ az, range: `10.${i}.0.0/20`, gateway: `10.${i}.0.1` })) }],
  compilation: { workers: 2, network: "default", az: "z1", vm_type: "default" },
};

const manifest = (stemcell: string): object => ({
  name: "dep",
  releases: [{ name: "sleeper", version: "1" }],
  stemcells: [{ alias: "default", os: "ubuntu-noble", version: stemcell }],
  update: { canaries: 1, max_in_flight: "10%", canary_watch_time: 30000, update_watch_time: 30000, serial: true },
  instance_groups: Array.from({ length: 20 }, (_, i) => ({
    name: `group-${i}`,
    instances: 25,
    azs: ["z1", "z2", "z3"],
    vm_type: "default",
    stemcell: "default",
    networks: [{ name: "default" }],
    update: { serial: i % 4 === 0 },
    jobs: [{ name: "sleeper", release: "sleeper", consumes: {}, properties: { note: `group ${i}` } }],
  })),
});

function main(): void {
  if (cli === undefined) throw new Error("usage: plan-500.ts CLI [RUNS]");
  const scratch = mkdtempSync(path.join(tmpdir(), "repave-bench-"));
  const file = (name: string, content: unknown): string => {
    writeFileSync(path.join(scratch, name), typeof content === "string" ? content : JSON.stringify(content));
    return path.join(scratch, name);
  };
  try {
    writeSleeperRelease(path.join(scratch, "releases", "sleeper"));
    const common = ["--cloud-config", file("cloud.yml", cloud), "--releases", path.join(scratch, "releases"), "--json"];
    const plan = (...args: string[]) => measuredRun([path.resolve(cli), "plan", ...args, ...common], scratch);
    const first = Array.from({ length: Number(runs) }, () => plan(file("first.yml", manifest("1.1"))));
    const previous = file("previous.json", first[0]!.stdout);
    const next = Array.from({ length: Number(runs) }, () => plan(file("next.yml", manifest("1.2")), "--previous", previous));
    const recreated = (JSON.parse(next[0]!.stdout) as { instances: { action: string }[] }).instances.filter((i) => i.action === "recreate").length;
    if (recreated !== 500) throw new Error(`${recreated} of 500 instances are planned to be recreated`);
    const all = [...first, ...next];
    report({ name: "first plan of 500 instances, cold", value: median(first.map((run) => run.seconds)), unit: "s", target: 1, note: `whole process, median of ${runs}` });
    report({ name: "plan that replaces 500 VMs, cold", value: median(next.map((run) => run.seconds)), unit: "s", target: 1, note: `whole process, median of ${runs}` });
    report({ name: "peak memory of a plan of 500 instances", value: Math.max(...all.map((run) => run.peakMb)), unit: "MB", target: 300, note: "the most of all runs" });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main();
