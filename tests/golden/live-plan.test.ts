import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { describeLive, livePlanJson, livePlanSchema, planLive, type EngineStep } from "../../director/live-plan/index.ts";
import type { Durations } from "../../director/update/index.ts";
import { engineSteps, type LiveGroup } from "../support/engine-steps.ts";
import { placeTest } from "../support/update-fixtures.ts";

const folder = path.join(__dirname, "live-plan");
const rewrite = process.env.UPDATE_GOLDENS === "1";
if (rewrite) mkdirSync(folder, { recursive: true });

const web = (more: Partial<LiveGroup> = {}): LiveGroup => ({ name: "web", instances: 3, ...more });
const database = (more: Partial<LiveGroup> = {}): LiveGroup => ({ name: "database", instances: 1, diskMb: 10_240, ...more });
const cells = (more: Partial<LiveGroup> = {}): LiveGroup => ({ name: "cell", instances: 12, azs: ["z1", "z2"], ...more, update: { maxInFlight: 2, ...more.update } });
const drained = [{ name: "z1", drain: true }, { name: "z2" }, { name: "z3" }];
const known: Record<string, Durations> = { cf: { web: { recreate: 90_000, "in-place": 20_000, create: 30_000, "create-vm": 60_000, delete: 15_000 } } };
const before = { groups: [web(), database()] };
const idOf = (index: number) => placeTest(before).placement.groups["web"]!.find((row) => row.index === index)!.id;

/** A jumpbox and what it is made of. */
function jumpboxSteps(op: EngineStep["op"], { from, to, repaveBefore }: { from?: string; to?: string; repaveBefore?: string }, parts: EngineStep["op"] = op === "update" ? "replace" : op): EngineStep[] {
  const inputs = (flavor: string) => ({ az: "z1", fingerprint: { image: "i-1", flavor }, env: { bosh: { password: "hunter2" } } });
  const old = from === undefined ? {} : { old: { inputs: inputs(from), outputs: { ...inputs(from), mark: "1a2b3c4d", createdAt: "2026-01-01T00:00:00Z" } } };
  const next = to === undefined ? {} : { next: { ...inputs(to), ...(repaveBefore === undefined ? {} : { repaveBefore }) } };
  const step = (type: string, itsOp: EngineStep["op"], changed: string[] = []): EngineStep => ({ urn: `urn:${type}`, type, name: "env-jumpbox", op: itsOp, changed, ...old, ...next });
  const changed = [...(from === to ? [] : ["fingerprint"]), ...(repaveBefore === undefined ? [] : ["repaveBefore"])];
  return [step("repave:index:JumpboxRenewal", op, op === "update" ? changed : []), step("openstack:networking/port:Port", parts), step("repave:index:AgentSettings", op), step("openstack:compute/instance:Instance", parts)];
}

/** What an operator reads, for every kind of change. */
const scenarios: Record<string, { steps: EngineStep[]; durations?: Record<string, Durations> }> = {
  "first update": { steps: engineSteps(undefined, before) },
  "nothing to do": { steps: engineSteps(before, before) },
  "new stemcell, timed before": { steps: engineSteps({ groups: [web()] }, { groups: [web({ stemcell: "1.2" })] }), durations: known },
  "templates of one group": { steps: engineSteps(before, { groups: [web({ templates: "c2" }), database()] }), durations: known },
  "a package and the VM size": { steps: engineSteps(before, { groups: [web({ software: "2", vmType: "large" }), database()] }) },
  "scaled up, timed before": { steps: engineSteps({ groups: [web()] }, { groups: [web({ instances: 5 })] }), durations: known },
  "scaled down": { steps: engineSteps(before, { groups: [web({ instances: 1 }), database()] }) },
  "a pool of cells, in ranges": { steps: engineSteps({ groups: [cells({ instances: 24, azs: ["z1"] })] }, { groups: [cells({ instances: 24, azs: ["z1"], templates: "c2", update: { maxInFlight: "100%" } })] }) },
  "AZ drained, its disk deleted": { steps: engineSteps(before, { ...before, azs: drained }) },
  "AZ drained, its disk kept": { steps: engineSteps(before, { ...before, azs: drained }, { keepsDisks: true }) },
  "one instance ignored": { steps: engineSteps(before, { groups: [web({ stemcell: "1.2" }), database()], ignored: [idOf(1)] }) },
  "replacement not allowed": { steps: engineSteps(before, { groups: [web({ allowReplace: false, stemcell: "1.2" }), database()] }) },
  "removal not allowed": { steps: engineSteps(before, { groups: [web({ allowReplace: false, instances: 2 }), database()] }) },
  "a whole group gone, removal not allowed": { steps: engineSteps({ groups: [web(), database({ allowReplace: false })] }, { groups: [web()] }) },
  "a dead VM where replacement is not allowed": { steps: engineSteps(before, { groups: [web({ allowReplace: false }), database()] }, { deadVms: ["web/1"] }) },
  "a hard stop where replacement is not allowed": { steps: engineSteps(before, { groups: [web({ allowReplace: false, detached: [2] }), database()] }) },
  "a quorum that would be lost": { steps: engineSteps({ groups: [web({ azs: ["z1"] })] }, { groups: [web({ azs: ["z1"], stemcell: "1.2", update: { quorum: true, canaries: 0, maxInFlight: 2 } })] }) },
  "too few cells in service": { steps: engineSteps({ groups: [cells()] }, { groups: [cells({ stemcell: "1.2", update: { minInService: "95%" } })] }) },
  "one instance behind a route": { steps: engineSteps({ groups: [web({ instances: 1 })] }, { groups: [web({ instances: 1, takesTraffic: true, templates: "c2" })] }) },
  "repave of what is older": { steps: engineSteps(before, { groups: [web({ repaveBefore: "2026-02-01T00:00:00Z" }), database()] }), durations: known },
  "the last update did not finish": { steps: engineSteps(before, before, { dirty: ["web/2"] }) },
  "stopped ones keep their VM": { steps: engineSteps(before, { groups: [web({ stemcell: "1.2", stopped: [1] }), database()] }) },
  "a hard stop": { steps: engineSteps(before, { groups: [web({ detached: [2] }), database()] }) },
  "started again after a hard stop": { steps: engineSteps({ groups: [web({ detached: [2] }), database()] }, before) },
  "a restart": { steps: engineSteps(before, { groups: [web({ restartBefore: "2026-02-01T00:00:00Z" }), database()] }) },
  "new credentials for agents": { steps: engineSteps(before, { groups: [web({ epoch: "2" }), database({ epoch: "2" })] }) },
  "the first jumpbox": { steps: [...jumpboxSteps("create", { to: "small" }), ...engineSteps(undefined, before)] },
  "a jumpbox of another size": { steps: [...jumpboxSteps("update", { from: "small", to: "large" }), ...engineSteps(before, before)] },
  "a repave with its jumpbox": { steps: [...jumpboxSteps("update", { from: "small", to: "small", repaveBefore: "2026-02-01T00:00:00Z" }), ...engineSteps(before, { groups: [web({ repaveBefore: "2026-02-01T00:00:00Z" }), database()] })] },
  "a jumpbox that is lost": { steps: [...jumpboxSteps("same", { from: "small", to: "small" }, "create"), ...engineSteps(before, before)] },
  "the jumpbox goes": { steps: [...jumpboxSteps("delete", { from: "small" }), ...engineSteps(before, before)] },
  "a secret in the VM's environment": { steps: engineSteps(before, { groups: [web({ env: { bosh: { password: "hunter2" } } }), database()] }) },
};

for (const [name, { steps, durations }] of Object.entries(scenarios)) {
  test(name, () => {
    const live = planLive(steps, durations);
    const text = `# ${name}\n${describeLive(live).join("\n")}\n`;
    const file = path.join(folder, `${name.replaceAll(" ", "-").replaceAll("'", "")}.txt`);
    if (rewrite) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), `${file}; accept with UPDATE_GOLDENS=1`);
    const json = livePlanJson(live, { environment: "test", changes: true });
    assert.deepEqual(livePlanSchema.parse(JSON.parse(JSON.stringify(json))), json);
    assert.ok(!JSON.stringify(json).includes("hunter2"), "no secret in a plan");
  });
}

test("no golden file without its scenario", () => {
  const files = new Set(Object.keys(scenarios).map((name) => `${name.replaceAll(" ", "-").replaceAll("'", "")}.txt`));
  const stale = readdirSync(folder).filter((file) => !files.has(file));
  if (rewrite) for (const file of stale) rmSync(path.join(folder, file));
  else assert.deepEqual(stale, []);
});
