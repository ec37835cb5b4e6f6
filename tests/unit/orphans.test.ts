import assert from "node:assert/strict";
import { test } from "node:test";
import { keepMs, keptUntil, sweepable, type SweepableDisk } from "../../director/repair/orphans.ts";
import { findProblems } from "../../director/repair/problems.ts";

const DAY = 86_400_000;
const now = new Date("2026-03-10T00:00:00Z");
const orphan = (cid: string, daysAgo: number, more: Partial<SweepableDisk> = {}): SweepableDisk => ({ cid, owned: false, attachedTo: undefined, orphanedAt: new Date(now.getTime() - daysAgo * DAY).toISOString(), ...more });
const swept = (disks: SweepableDisk[], all = false) => sweepable(disks, { keep: 5 * DAY, now, all }).map((disk) => disk.cid);

test("orphans are kept five days unless the setting says otherwise", () => {
  assert.equal(keepMs(undefined), 5 * DAY);
  assert.equal(keepMs("12h"), DAY / 2);
  assert.throws(() => keepMs("soon"), { code: "state.bad-setting" });
  assert.equal(keptUntil("2026-03-01T00:00:00.000Z", 5 * DAY)?.toISOString(), "2026-03-06T00:00:00.000Z");
  assert.equal(keptUntil(undefined, 5 * DAY), undefined);
});

test("a sweep takes orphans past their time, or all of them", () => {
  const disks = [orphan("old", 5), orphan("young", 4.9)];
  assert.deepEqual(swept(disks), ["old"]);
  assert.deepEqual(swept(disks, true), ["old", "young"]);
});

test("a sweep never takes what somebody has or needs, or what nobody made an orphan", () => {
  const disks = [
    orphan("owned", 9, { owned: true }),
    orphan("attached", 9, { attachedTo: "vm-1" }),
    orphan("source", 9),
    { cid: "heir", owned: true, attachedTo: "vm-2", copyFrom: "source" },
    { cid: "stranger", owned: false, attachedTo: undefined },
  ];
  assert.deepEqual(swept(disks, true), []);
});

test("an orphan is no problem until its time is over", () => {
  const found = (over: boolean) => findProblems({ instances: [], disks: [{ cid: "d", owned: false, attachedTo: undefined, about: "disk of db/0", orphan: { over } }] });
  assert.deepEqual(found(false), []);
  assert.deepEqual(found(true).map((p) => [p.kind, p.resolutions[0]]), [["orphan_disk", "delete_disk"]]);
});
