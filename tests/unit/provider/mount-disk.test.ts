import assert from "node:assert/strict";
import { test } from "node:test";
import { mountDisk, unmountDisks } from "../../../provider/steps/disks.ts";
import type { Run } from "../../../provider/steps/run.ts";

class Cut extends Error {}

/** One VM's agent and the disks of its IaaS, as far as disks go: what is mounted where and what is on each. Cut off after some calls. */
class World {
  contents: Record<string, string>;
  copyFrom: Record<string, string> = {};
  attached = new Set<string>();
  known = new Set<string>();
  store: string | undefined;
  target: string | undefined;
  calls: string[] = [];
  left = Infinity;

  constructor(contents: Record<string, string>) {
    this.contents = contents;
  }

  /** A call that is cut off may have been carried out or not. */
  #call<T>(text: string, work: () => T): Promise<T> {
    this.calls.push(text);
    if (this.left <= 0) return Promise.reject(new Cut());
    this.left -= 1;
    const result = work();
    return this.left <= 0 ? Promise.reject(new Cut()) : Promise.resolve(result);
  }

  run(disk: string): Run {
    const agent = {
      listDisks: () => this.#call("list", () => [this.store, this.target].filter((cid) => cid !== undefined)),
      addPersistentDisk: (cid: string) => this.#call(`add ${cid}`, () => void (assert.ok(this.attached.has(cid)), this.known.add(cid))),
      mountDisk: (cid: string) =>
        this.#call(`mount ${cid}`, () => {
          assert.ok(this.known.has(cid) && this.attached.has(cid), `${cid} is known`);
          if (this.store === cid || this.target === cid) return;
          if (this.store === undefined) this.store = cid;
          else this.target = cid;
        }),
      migrateDisk: () =>
        this.#call("migrate", () => {
          assert.ok(this.store !== undefined && this.target !== undefined, "two disks are mounted");
          this.contents[this.target] = this.contents[this.store]!;
          [this.store, this.target] = [this.target, undefined];
        }),
      unmountDisk: (cid: string) =>
        this.#call(`unmount ${cid}`, () => {
          if (this.store === cid) this.store = undefined;
          if (this.target === cid) this.target = undefined;
        }),
      removePersistentDisk: (cid: string) => this.#call(`remove ${cid}`, () => void this.known.delete(cid)),
      removeFile: () => Promise.resolve(),
    };
    const iaas = {
      findDisk: async (cid: string) => ({ cid, copyFrom: this.copyFrom[cid] }),
      listDisks: async () => Object.keys(this.contents).map((cid) => ({ cid, attachedTo: this.attached.has(cid) ? "vm" : undefined })),
      attachDisk: (_vm: string, cid: string) => this.#call(`(attach ${cid})`, () => (this.attached.add(cid), cid)),
      detachDisk: (_vm: string, cid: string) =>
        this.#call(`(detach ${cid})`, () => {
          assert.ok(this.store !== cid && this.target !== cid, `${cid} is not mounted any more`);
          this.attached.delete(cid);
        }),
      switchToDisk: (cid: string) => this.#call(`(switch ${cid})`, () => void delete this.copyFrom[cid]),
    };
    return {
      instance: { disk, vmCid: "vm", access: { via: { kind: "local", environment: "e" } } },
      label: "db/0",
      agent,
      operation: { status: () => undefined, services: { local: () => iaas } },
    } as unknown as Run;
  }

  vmIsLost(): void {
    [this.store, this.target] = [undefined, undefined];
    this.known.clear();
    this.attached.clear();
  }
}

function mounted(cid = "old", more: Record<string, string> = {}): World {
  const world = new World({ [cid]: "data", ...more });
  world.attached.add(cid);
  world.known.add(cid);
  world.store = cid;
  return world;
}

function migrating(): World {
  const world = mounted("old", { new: "" });
  world.copyFrom["new"] = "old";
  return world;
}

function settled(world: World, disk: string): void {
  assert.deepEqual([world.store, world.target, [...world.attached], [...world.known]], [disk, undefined, [disk], [disk]]);
  assert.equal(world.contents[disk], "data");
  assert.deepEqual(world.copyFrom, {});
}

test("a copy goes in the Director's order: attach, mount second, migrate, switch, let the old one go", async () => {
  const world = migrating();
  await mountDisk(world.run("new"));
  settled(world, "new");
  const order = ["(attach new)", "add new", "mount new", "migrate", "(switch new)", "remove old", "(detach old)"];
  assert.deepEqual(world.calls.filter((call) => order.includes(call)), order);
});

for (const loss of ["the deployer", "the VM too"]) {
  test(`a copy cut off after any call, with ${loss} lost, ends the same when it is begun again`, async () => {
    const whole = migrating();
    await mountDisk(whole.run("new"));
    for (let first = 1; first <= whole.calls.length; first += 1) {
      for (let second = 0; second <= whole.calls.length; second += 1) {
        const world = migrating();
        for (const calls of [first, second]) {
          world.left = calls;
          await mountDisk(world.run("new")).catch((error: unknown) => assert.ok(error instanceof Cut, String(error)));
          if (loss === "the VM too") world.vmIsLost();
        }
        world.left = Infinity;
        await mountDisk(world.run("new"));
        settled(world, "new");
        assert.equal(world.contents["old"], "data", "the old one still has what it had");
      }
    }
  });
}

test("a fresh VM that has mounted the new disk first copies the right way round", async () => {
  const world = migrating();
  world.vmIsLost();
  world.attached.add("new");
  world.known.add("new");
  world.store = "new";
  await mountDisk(world.run("new"));
  settled(world, "new");
});

test("the wish taken back in the middle of a copy: the third disk gets the first one's contents", async () => {
  for (let calls = 1; calls < 12; calls += 1) {
    const world = migrating();
    world.left = calls;
    await mountDisk(world.run("new")).catch(() => undefined);
    world.left = Infinity;
    if (world.copyFrom["new"] === undefined) continue;
    world.contents["third"] = "";
    world.copyFrom = { third: "old" };
    await mountDisk(world.run("third"));
    settled(world, "third");
  }
});

test("another disk attached back takes the place of the one mounted, without a copy", async () => {
  const world = mounted("old", { back: "data" });
  await mountDisk(world.run("back"));
  settled(world, "back");
  assert.ok(!world.calls.includes("migrate"));
});

test("a disk mounted already is left alone; let go before, it is mounted anew, for the agent to see its new size", async () => {
  const world = mounted();
  await mountDisk(world.run("old"));
  assert.ok(!world.calls.some((call) => call.startsWith("unmount")), world.calls.join());
  await unmountDisks(world.run("old"));
  assert.deepEqual([world.store, world.attached.size], [undefined, 0]);
  await mountDisk(world.run("old"));
  settled(world, "old");
});

test("no disk wanted, and a VM that goes: all is unmounted, forgotten and detached", async () => {
  for (const act of [mountDisk, unmountDisks]) {
    const world = mounted();
    await act(world.run(""));
    assert.deepEqual([world.store, world.attached.size, world.known.size], [undefined, 0, 0]);
  }
});
