import assert from "node:assert/strict";
import { test } from "node:test";
import { believable, type IaasView, wouldSee } from "../../../cli/day2/iaas.ts";

const vm = (cid: string, shared: boolean) => ({ cid, name: cid, az: "", ip: "", state: "running", createdAt: "", owned: true, compiles: false, shared, remove: async () => undefined });
const view = (more: Partial<IaasView> = {}): IaasView => ({ vms: [vm("compiler", false), vm("a", true)], disks: [{ cid: "d", name: "d", sizeMiB: 1, attachedTo: undefined, owned: false, remove: async () => undefined }], strays: [{ id: "s", about: "", remove: async () => undefined }], wholeClouds: true, mute: [], ...more });
const access = (kind: "local" | "direct") => ({ access: { via: kind === "local" ? { kind, environment: "e" } : { kind }, ip: "", port: 0, agentId: "", password: "", ca: "" } });

test("a cloud is believed where it has one of the VMs that answer, or none answers", () => {
  const whole = view();
  for (const answering of [["a", "b"], []]) assert.equal(believable(whole, answering), whole);
});

test("a cloud that has none of the VMs that answer was asked in the wrong place: what it has is nobody's here", () => {
  const { vms, disks, strays, wholeClouds, mute } = believable(view(), ["b", "c"]);
  assert.deepEqual([vms.map(({ cid }) => cid), disks, strays, wholeClouds], [["compiler"], [], [], false]);
  assert.match(mute.join(), /has none of the VMs whose agents answer/);
});

test("what is not seen is gone only where all would be seen", () => {
  assert.equal(wouldSee(view(), access("direct")), true);
  assert.equal(wouldSee(view({ wholeClouds: false }), access("direct")), false);
  assert.equal(wouldSee(view({ wholeClouds: false }), access("local")), true);
});
