// Measures 400 VMs of a fake IaaS through the real engine: the first update, previews without changes, and a repave of them all.
// The VMs take no time, so that what is left is the deployer's own. As a program: fake-iaas-400.ts [VMS]
import { median, report } from "./figure.ts";
import { FakePlatform, type BenchRun } from "./support/fake-iaas/project.ts";

const [count = "400"] = process.argv.slice(2);
const vms = Number(count);
const few = Math.max(2, Math.round(vms / 20));
const groups = [{ job: "nats", instances: few }, { job: "cell", instances: vms - 2 * few, properties: { password: "((password))" } }, { job: "router", instances: few }];
const IN_FLIGHT = 6;
const PREVIEWS = 3;

async function main(): Promise<void> {
  const platform = new FakePlatform();
  const well = async (...args: string[]): Promise<BenchRun> => {
    const run = await platform.run(...args);
    if (run.code !== 0) throw new Error(run.text);
    return run;
  };
  try {
    await platform.start();
    platform.deploy(groups, { max_in_flight: IN_FLIGHT });
    const up = await well("up");
    report({ name: `first update of ${vms} VMs of a fake IaaS`, value: up.seconds, unit: "s", note: used(up) });
    report({ name: "state per VM", value: platform.state().bytes / vms / 1000, unit: "kB", note: "three packages and one credential each" });
    const previews: BenchRun[] = [];
    for (let n = 0; n < PREVIEWS; n++) previews.push(await well("preview", "--expect-no-changes"));
    report({ name: `preview of ${vms} VMs without changes`, value: median(previews.map((run) => run.seconds)), unit: "s", target: 15, note: `median of ${PREVIEWS}; ${used(previews.at(-1)!)}` });
    const before = new Set((await platform.vms()).map((vm) => vm.cid));
    const repave = await well("repave");
    const kept = (await platform.vms()).filter((vm) => before.has(vm.cid)).length;
    if (kept > 0) throw new Error(`${kept} VMs were not replaced`);
    report({ name: `repave of ${vms} VMs of a fake IaaS, whole command`, value: repave.seconds, unit: "s", note: used(repave) });
    report({ name: "of that, for each wave", value: repave.seconds / waves(), unit: "s", target: 3, note: `${waves()} waves of up to ${IN_FLIGHT}; refresh, plan and what comes after the waves included` });
  } finally {
    await platform.close();
  }
}

/** Waves of a repave: AZ by AZ over three AZs, a canary first. */
function waves(): number {
  const waveCount = (instances: number): number => {
    const azs = [0, 1, 2].map((n) => Math.floor((instances + 2 - n) / 3)).filter((inAz) => inAz > 0);
    return 1 + azs.reduce((sum, inAz, n) => sum + Math.ceil((n === 0 ? inAz - 1 : inAz) / IN_FLIGHT), 0);
  };
  return groups.reduce((sum, group) => sum + waveCount(group.instances), 0);
}

/** `engine 120 s of processor time, 900 MB` and so on. */
function used(run: BenchRun): string {
  return [...run.used].filter(([name]) => name !== "other").map(([name, use]) => `${name} ${Math.round(use.cpuSeconds)} s CPU, ${Math.round(use.peakMb)} MB`).join("; ");
}

void main();
