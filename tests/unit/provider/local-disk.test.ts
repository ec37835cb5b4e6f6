import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, beforeEach, test } from "node:test";
import { LocalIaas } from "../../../provider/local/index.ts";
import type { Operation } from "../../../provider/resource-kind.ts";
import { localDiskKind, type LocalDiskInputs, type LocalDiskState } from "../../../provider/resources/local-disk.ts";

// Disks are folders: no VM is needed to make, copy and keep them.
const folder = mkdtempSync(path.join(os.tmpdir(), "repave-local-disk-"));
const now = new Date("2026-03-01T00:00:00Z");
let iaas: LocalIaas;
let round = 0;

beforeEach(() => (iaas = new LocalIaas({ stateDir: folder, environment: `e${(round += 1)}`, agentBundle: "none" })));
after(() => rmSync(folder, { recursive: true, force: true }));

const fileOn = (cid: string) => path.join(iaas.folder, "disks", cid, "data", "book");
const inputs = (more: Partial<LocalDiskInputs> = {}): LocalDiskInputs => ({ environment: "e", diskName: "db-1", sizeMiB: 64, deployment: "dep", group: "db", instanceId: "1", az: "z1", ...more });
const said: string[] = [];
const operation = () => ({ urn: `urn-${round}`, status: (text: string) => said.push(text), services: { local: () => iaas, now: () => now } }) as unknown as Operation;

/** Carries out what the engine would: the difference first, then an update, or a new one before the old one goes. */
async function change(state: LocalDiskState | undefined, news: LocalDiskInputs): Promise<{ state: LocalDiskState; kind: "created" | "same" | "updated" | "replaced" }> {
  if (state === undefined) return { state: (await localDiskKind.create(news, operation())).state, kind: "created" };
  const diff = await localDiskKind.diff(state, news, state, operation());
  if (diff.replace.length === 0) return diff.changed.length === 0 ? { state, kind: "same" } : { state: await localDiskKind.update!(state.cid, state, news, operation()), kind: "updated" };
  assert.equal(diff.deleteBeforeReplace, false, "the old one has the contents");
  const made = await localDiskKind.create(news, operation());
  await localDiskKind.delete!(state.cid, state, operation());
  return { state: made.state, kind: "replaced" };
}

test("a larger size grows in place; a smaller one, or another type, is another disk that waits for the contents", async () => {
  const { state } = await change(undefined, inputs());
  writeFileSync(fileOn(state.cid), "guest");
  const grown = await change(state, inputs({ sizeMiB: 128 }));
  assert.deepEqual([grown.kind, grown.state.cid, (await iaas.findDisk(state.cid))?.sizeMiB], ["updated", state.cid, 128]);
  assert.match(said.at(-1)!, /grows in place: disk size in MiB 64 → 128/);
  for (const other of [inputs({ sizeMiB: 32 }), inputs({ sizeMiB: 128, cloudProperties: { type: "ssd" } })]) {
    const diff = await localDiskKind.diff(grown.state, other, grown.state, operation());
    assert.equal(diff.replace.length, 1);
    assert.match(said.at(-1)!, /contents are copied to a new disk/);
  }
  const copied = await change(grown.state, inputs({ sizeMiB: 32 }));
  assert.equal((await iaas.findDisk(copied.state.cid))?.copyFrom, state.cid);
  assert.deepEqual((await iaas.findDisk(state.cid))?.owner, { deployment: "dep", instance: "db/1", az: "z1" });
  assert.equal((await iaas.findDisk(state.cid))?.orphanedAt, now.toISOString());
  await assert.rejects(iaas.deleteDisk(state.cid), { code: "iaas.local-disk-needed" });
});

test("a create repeated after a kill finds its disk; a second change in the middle of a copy copies from the first", async () => {
  const { state } = await change(undefined, inputs());
  assert.equal((await change(undefined, inputs())).state.cid, state.cid);
  const fast = inputs({ cloudProperties: { type: "ssd" } });
  await localDiskKind.diff(state, fast, state, operation());
  const [one, two] = [await localDiskKind.create(fast, operation()), await localDiskKind.create(fast, operation())];
  assert.equal(one.id, two.id);
  const faster = await change(one.state, inputs({ cloudProperties: { type: "nvme" } }));
  assert.equal((await iaas.findDisk(faster.state.cid))?.copyFrom, state.cid);
  assert.equal(await iaas.hasDisk(one.id), false, "nothing was ever on it");
});

test("contents that do not fit are refused", async () => {
  const { state } = await change(undefined, inputs());
  writeFileSync(fileOn(state.cid), Buffer.alloc(3 << 20, 1));
  await assert.rejects(change(state, inputs({ sizeMiB: 1 })), { code: "iaas.local-disk-too-small" });
  assert.equal((await iaas.findDisk(state.cid))?.orphanedAt, undefined);
});

test("orphan and attach back: a new and empty disk, then the old one with its contents, each wish once", async () => {
  const { state: first } = await change(undefined, inputs());
  writeFileSync(fileOn(first.cid), "guest");
  const empty = await change(first, inputs({ attach: { disk: "", at: "2026-03-01T00:00:00Z" } }));
  assert.deepEqual([empty.kind, existsSync(fileOn(empty.state.cid))], ["replaced", false]);
  assert.equal((await iaas.findDisk(empty.state.cid))?.copyFrom, undefined);
  const wish = inputs({ attach: { disk: first.cid, at: "2026-03-01T00:01:00Z" } });
  const back = await change(empty.state, wish);
  assert.deepEqual([back.state.cid, readFileSync(fileOn(first.cid), "utf8")], [first.cid, "guest"]);
  assert.equal((await iaas.findDisk(first.cid))?.orphanedAt, undefined);
  assert.notEqual((await iaas.findDisk(empty.state.cid))?.orphanedAt, undefined);
  assert.equal((await change(back.state, wish)).kind, "same");
  assert.equal((await change(back.state, inputs())).kind, "same", "without the wish it stays");
  const again = await change(back.state, inputs({ attach: { disk: empty.state.cid, at: "2026-03-01T00:02:00Z" } }));
  assert.equal(again.state.cid, empty.state.cid);
});

test("a snapshot is an orphan with the contents of its time", async () => {
  const { state } = await change(undefined, inputs());
  writeFileSync(fileOn(state.cid), "guest");
  const { cid } = await iaas.snapshotDisk(state.cid, now);
  writeFileSync(fileOn(state.cid), "changed");
  assert.equal(readFileSync(fileOn(cid), "utf8"), "guest");
  const { orphanedAt, snapshotOf, owner } = (await iaas.findDisk(cid))!;
  assert.deepEqual([orphanedAt, snapshotOf, owner?.instance], [now.toISOString(), state.cid, "db/1"]);
  const restored = await change(state, inputs({ attach: { disk: cid, at: "2026-03-01T00:00:00Z" } }));
  assert.equal(restored.state.cid, cid);
  assert.equal((await iaas.findDisk(cid))?.snapshotOf, undefined);
});

test("removed with its disks kept, an environment has nothing else left; a new disk of the same place is another one", async () => {
  const { state } = await change(undefined, inputs());
  writeFileSync(fileOn(state.cid), "guest");
  await localDiskKind.delete!(state.cid, state, operation());
  await iaas.destroy({ keepDisks: true });
  assert.equal(readFileSync(fileOn(state.cid), "utf8"), "guest");
  const next = await change(undefined, inputs());
  assert.notEqual(next.state.cid, state.cid);
  await iaas.destroy();
  assert.equal(existsSync(iaas.folder), false);
});
