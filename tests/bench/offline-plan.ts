// Measures `repave plan` as whole processes on cf-deployment. As a program: offline-plan.ts CLI. Nothing without the shared files.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { median, report, seconds, skipped } from "./figure.ts";

const [cli] = process.argv.slice(2);
const RUNS = 5;
const shared = path.join(process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared"), "conformance");
const manifest = path.join(shared, "interpolation/cf-deployment/cf-deployment.yml");

async function main(): Promise<void> {
  if (cli === undefined) throw new Error("usage: offline-plan.ts CLI");
  if (!existsSync(manifest)) return skipped("offline plan", `no ${manifest}`);
  const args = ["plan", manifest, "-v", "system_domain=cf.example.com", "--releases", path.join(shared, "job-specs"), "--partial", "--json"];
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    times.push(
      await seconds(async () => {
        const { status, stderr } = spawnSync(process.execPath, [path.resolve(cli), ...args], { maxBuffer: 1 << 26 });
        if (status !== 0) throw new Error(stderr.toString());
      }),
    );
  }
  report({ name: "offline plan of cf-deployment", value: median(times), unit: "s", note: `31 instances, 182 jobs; whole process, median of ${RUNS}` });
}

void main();
