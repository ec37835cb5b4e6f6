import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../../../provider/resource-kind.ts";
import { jumpboxRenewalKind, type JumpboxRenewalInputs } from "../../../../provider/resources/jumpbox-renewal.ts";
import { UNKNOWN } from "../../../../provider/rpc/values.ts";

const said: string[] = [];
const operation = (now: string) => ({ name: "env-jumpbox", services: { now: () => new Date(now) }, status: (text: string) => void said.push(text) }) as unknown as Operation;
const inputs: JumpboxRenewalInputs = { az: "z1", fingerprint: { image: "image-1", flavor: "small" }, env: { bosh: { password: "hunter2" } }, ntp: [] };
const later = "2026-02-01T00:00:00.000Z";

async function changedBy(change: Partial<JumpboxRenewalInputs>) {
  const { state } = await jumpboxRenewalKind.create(inputs, operation("2026-01-01T00:00:00Z"));
  const news = { ...inputs, ...change };
  const diff = await jumpboxRenewalKind.diff(state, news, inputs, operation(later));
  assert.deepEqual(diff.replace, []);
  const after = diff.changed.length > 0 ? await jumpboxRenewalKind.update!("env-jumpbox", state, news, operation(later)) : state;
  return { state, after, changed: diff.changed, foreseen: jumpboxRenewalKind.foresee!(news, state) };
}

test("whatever makes another VM gives a new mark, and a preview says that it is not known", async () => {
  for (const change of [{ fingerprint: { image: "image-2", flavor: "small" } }, { env: {} }, { ntp: ["time"] }, { repaveBefore: "2026-01-15T00:00:00Z" }]) {
    const { state, after, foreseen } = await changedBy(change);
    assert.notEqual(after.mark, state.mark);
    assert.equal(after.createdAt, later);
    assert.deepEqual(foreseen, { mark: UNKNOWN, createdAt: UNKNOWN });
  }
  assert.match(said.join("\n"), /another jumpbox, then the old one goes: image image-1 → image-2/);
  assert.match(said.join("\n"), /made 2026-01-01T00:00:00.000Z, before 2026-01-15T00:00:00Z/);
  assert.ok(!said.join().includes("hunter2"));
});

test("nothing else does", async () => {
  for (const change of [{}, { repaveBefore: "2025-12-31T00:00:00Z" }, { az: "z2" }]) {
    const { state, after, foreseen } = await changedBy(change);
    assert.equal(after.mark, state.mark);
    assert.deepEqual(foreseen, {});
  }
});
