import { test } from "node:test";
import assert from "node:assert/strict";
import {
  canariesOf,
  countOf,
  diskChangeFor,
  endOfUpdateSteps,
  errandSteps,
  inFlightOf,
  parseWatchTime,
  resolveUpdate,
  stepsFor,
  updateSpecOf,
  watchPauses,
  type StepContext,
  type UpdateStep,
} from "../../director/update/index.ts";

const watch = { minMs: 30_000, maxMs: 1_200_000 };
const base: StepContext = { watch, state: { from: "started", to: "started" }, drain: "update" };

/** The calls to agent and IaaS; the deployer's own notes are left out. */
function calls(steps: readonly UpdateStep[]): string {
  return steps
    .filter((step) => step.on !== "repave")
    .map((step) => `${step.vm ? `${step.vm}:` : ""}${step.on === "iaas" ? `(${step.step})` : step.step}`)
    .join(" ");
}

const createVm = "(create-vm) (set-vm-metadata) wait-for-agent update-settings apply get-state";
const attach = "(attach-disk) ping add-persistent-disk ping mount-disk";
const detach = "list-disk unmount-disk remove-persistent-disk (detach-disk)";
const stop = "pre-stop drain stop post-stop";
const start = "(set-vm-metadata) apply pre-start start wait-until-running post-start";

test("in place: the Director's call order", () => {
  assert.equal(calls(stepsFor("in-place", base)), `prepare ${stop} update-settings ${start}`);
});

test("a new instance: create VM, then the in-place list", () => {
  assert.equal(calls(stepsFor("create", base)), `${createVm} prepare prepare ${stop} update-settings ${start}`);
  assert.equal(calls(stepsFor("move", { ...base, skipEmptyStop: true })), `${createVm} prepare prepare update-settings ${start}`);
});

test("recreate: no prepare, disks off and on again", () => {
  const steps = stepsFor("recreate", { ...base, disks: [""] });
  assert.equal(calls(steps), `${stop} ${detach} (delete-vm) (create-vm) (set-vm-metadata) wait-for-agent ${attach} update-settings apply get-state ${start}`);
  assert.deepEqual(steps.find((step) => step.step === "drain")!.params, { type: "shutdown" });
  assert.deepEqual(steps.find((step) => step.step === "pre-stop")!.params, { env: { BOSH_VM_NEXT_STATE: "delete", BOSH_INSTANCE_NEXT_STATE: "keep", BOSH_DEPLOYMENT_NEXT_STATE: "keep" } });
});

test("recreate with a silent agent asks it nothing, and without a VM deletes none", () => {
  assert.equal(calls(stepsFor("recreate", { ...base, unresponsive: true })), `(delete-vm) ${createVm} ${start}`);
  assert.equal(calls(stepsFor("recreate", { ...base, missingVm: true })), `${createVm} ${start}`);
});

test("create-swap-delete: the new VM is ready before the old one stops, disks move, the old one is only told to go", () => {
  const got = calls(stepsFor("recreate", { ...base, strategy: "create-swap-delete", disks: [""] }));
  const onNew = (text: string) => text.split(" ").map((item) => `new:${item}`).join(" ");
  const onOld = (text: string) => text.split(" ").map((item) => `old:${item}`).join(" ");
  assert.equal(got, `${onNew(`${createVm} prepare`)} ${onOld(`${stop} ${detach} shutdown`)} ${onNew(`${attach} update-settings ${start}`)}`);
});

test("delete: no unmount; disks become orphans", () => {
  const steps = stepsFor("delete", { ...base, disks: [""], deletesDeployment: true });
  assert.equal(calls(steps), `${stop} (delete-vm)`);
  assert.deepEqual(steps[0]!.params, { env: { BOSH_VM_NEXT_STATE: "delete", BOSH_INSTANCE_NEXT_STATE: "delete", BOSH_DEPLOYMENT_NEXT_STATE: "delete" } });
  assert.ok(steps.some((step) => step.step === "orphan-disk"));
});

test("stop, stop --hard, start from either", () => {
  const from = (from: StepContext["state"]["from"], to: StepContext["state"]["to"]) => calls(stepsFor("in-place", { ...base, drain: "shutdown", state: { from, to }, disks: [""] }));
  assert.equal(from("started", "stopped"), `prepare ${stop}`);
  assert.equal(from("stopped", "stopped"), "prepare");
  assert.equal(from("stopped", "started"), `prepare update-settings ${start}`);
  assert.equal(from("started", "detached"), `${stop} ${detach} (delete-vm)`);
  assert.equal(from("detached", "detached"), "");
  assert.equal(from("detached", "started"), `(create-vm) (set-vm-metadata) wait-for-agent ${attach} update-settings apply get-state prepare prepare update-settings ${start}`);
});

test("skip-drain skips pre-stop and drain only; DNS and tags ask the agent nothing", () => {
  assert.equal(calls(stepsFor("in-place", { ...base, skipDrain: true })), `prepare stop post-stop update-settings ${start}`);
  assert.equal(calls(stepsFor("dns", base)), "(set-vm-metadata)");
  assert.deepEqual(stepsFor("none", base), []);
});

test("disk changes happen between stop and start", () => {
  const withDisk = (kind: "create" | "copy" | "resize" | "remove") => calls(stepsFor("in-place", { ...base, drain: "shutdown", disks: kind === "create" ? [] : [""], diskChange: { kind, disk: "" } }));
  assert.equal(withDisk("create"), `prepare ${stop} (create-disk) ${attach} update-settings ${start}`);
  assert.equal(withDisk("copy"), `prepare ${stop} list-disk (create-disk) ${attach} migrate-disk ${detach} update-settings ${start}`);
  assert.equal(withDisk("resize"), `prepare ${stop} ${detach} (resize-disk) (attach-disk) add-persistent-disk mount-disk update-settings ${start}`);
  assert.equal(withDisk("remove"), `prepare ${stop} ${detach} update-settings ${start}`);
});

test("which change a disk needs", () => {
  const disk = (sizeMb: number, type = "a") => ({ name: "", sizeMb, cloudProperties: { type } });
  assert.equal(diskChangeFor(undefined, disk(1))?.kind, "create");
  assert.equal(diskChangeFor(disk(1), undefined)?.kind, "remove");
  assert.equal(diskChangeFor(disk(1), disk(1)), undefined);
  assert.equal(diskChangeFor(disk(1), disk(2))?.kind, "copy");
  assert.equal(diskChangeFor(disk(1), disk(2), true)?.kind, "resize");
  assert.equal(diskChangeFor(disk(2), disk(1), true)?.kind, "copy");
  assert.equal(diskChangeFor(disk(1), disk(2, "b"), true)?.kind, "copy");
  assert.equal(diskChangeFor(undefined, undefined), undefined);
});

test("errands on their own VM and beside others", () => {
  assert.equal(calls(errandSteps("colocated", "smoke", base)), "info run-errand fetch-logs");
  const own = calls(errandSteps("own-vm", "smoke", base));
  assert.ok(own.startsWith("(create-vm)") && own.endsWith("info run-errand fetch-logs (delete-vm)"));
  assert.ok(calls(errandSteps("own-vm", "smoke", base, true)).endsWith("fetch-logs"));
  assert.equal(calls(endOfUpdateSteps()), "post-deploy");
});

test("watch times", () => {
  assert.deepEqual(parseWatchTime("30000-1200000"), watch);
  assert.deepEqual(parseWatchTime(" 5000 - 6000 "), { minMs: 5000, maxMs: 6000 });
  assert.deepEqual(parseWatchTime(5000), { minMs: 5000, maxMs: 5000 });
  for (const bad of ["", "5 s", "-5", "1-2-3", "6000-5000", "1.5"]) assert.throws(() => parseWatchTime(bad), { code: "plan.bad-update" }, bad);
});

test("30000-1200000 asks after 30 s, then 78 times 15 s apart", () => {
  const pauses = watchPauses(watch);
  assert.deepEqual([pauses[0], pauses.length - 1, new Set(pauses.slice(1))], [30_000, 78, new Set([15_000])]);
  assert.deepEqual(watchPauses({ minMs: 5000, maxMs: 5000 }), [5000]);
  assert.deepEqual(watchPauses({ minMs: 1000, maxMs: 4500 }), [1000, 1000, 1000, 1000]);
  assert.deepEqual(watchPauses({ minMs: 0, maxMs: 90_000 })[1], 10_000);
});

test("counts and percentages", () => {
  assert.deepEqual([countOf("10%", 125), countOf("150%", 8), countOf("3", 2), countOf(5, 2)], [12, 8, 3, 5]);
  assert.deepEqual([inFlightOf({ maxInFlight: "1%" }, 10), inFlightOf({ maxInFlight: 0 }, 10), inFlightOf({ maxInFlight: -3 }, 10)], [1, 1, 1]);
  assert.deepEqual([canariesOf({ canaries: 5 }, 3), canariesOf({ canaries: "0%" }, 3), canariesOf({ canaries: -1 }, 3)], [3, 0, 0]);
});

test("a group inherits what it does not say, and the command line wins over both", () => {
  const deployment = updateSpecOf({ canaries: 1, max_in_flight: 10, canary_watch_time: "1000-2000", update_watch_time: 3000, serial: false, vm_strategy: "create-swap-delete", unknown: 1 });
  const settings = resolveUpdate(deployment, { maxInFlight: "20%", serial: true }, { canaries: 2 });
  assert.deepEqual(settings, {
    canaries: 2,
    maxInFlight: "20%",
    canaryWatchTime: { minMs: 1000, maxMs: 2000 },
    updateWatchTime: { minMs: 3000, maxMs: 3000 },
    serial: true,
    vmStrategy: "create-swap-delete",
    initialDeployAzUpdateStrategy: "serial",
    maxSurge: 0,
    azOrder: "serial",
  });
  assert.throws(() => resolveUpdate({ ...deployment, canaries: undefined }), /Required property 'canaries'/);
  assert.throws(() => resolveUpdate({ ...deployment, maxInFlight: "many" }), /cannot be calculated from 'many'/);
  assert.throws(() => resolveUpdate({ ...deployment, vmStrategy: "swap" as "delete-create" }), /valid strategies are: delete-create, create-swap-delete/);
});
