import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { RunningAgent } from "../../support/agent-process.ts";
import { rpc, run } from "../../support/agent-wire.ts";

export function diskCases(agent: () => RunningAgent): void {
  const attach = (cid: string) => {
    const device = agent().at("devices", cid);
    mkdirSync(device, { recursive: true });
    return device;
  };

  test("a disk that nobody told of can't be mounted", async () => {
    assert.match((await run(agent(), "mount_disk", ["nobody"])).exception!.message, /Persistent disk with volume id 'nobody' could not be found/);
  });

  test("add, mount, list, unmount, remove", async () => {
    const device = attach("disk-1");
    assert.deepEqual(await run(agent(), "add_persistent_disk", ["disk-1", device]), { value: {} });
    assert.deepEqual(await run(agent(), "mount_disk", ["disk-1"]), { value: {} });
    assert.deepEqual(await run(agent(), "mount_disk", ["disk-1"]), { value: {} }, "mounting twice changes nothing");
    assert.deepEqual(await run(agent(), "list_disk"), { value: ["disk-1"] });
    assert.deepEqual(await rpc(agent(), "list_disk", [], { protocol: 0 }), { value: ["disk-1"] }, "before protocol 3 it answers at once");
    assert.equal(agent().read("bosh", "managed_disk_settings.json"), "disk-1");
    const { value } = await run(agent(), "unmount_disk", ["disk-1"]);
    assert.match((value as { message: string }).message, /^(Unmounted partition of|Partition of .* is not mounted)/);
    assert.deepEqual(await run(agent(), "remove_persistent_disk", ["disk-1"]), { value: {} });
    assert.deepEqual(await run(agent(), "list_disk"), { value: [] });
    await agent().client().removeFile(agent().at("bosh", "managed_disk_settings.json"));
  });

  test("migrate moves the contents to the disk mounted second", async () => {
    const client = agent().client();
    const [old, next] = [attach("disk-old"), attach("disk-new")];
    await client.addPersistentDisk("disk-old", { path: old });
    await client.mountDisk("disk-old");
    // The real agent's stand-alone mode only pretends to mount.
    mkdirSync(agent().at("store"), { recursive: true });
    writeFileSync(agent().at("store", "data"), "precious");
    await client.addPersistentDisk("disk-new", { path: next });
    await client.mountDisk("disk-new");
    assert.deepEqual((await client.listDisks()).sort(), ["disk-new", "disk-old"]);
    await client.migrateDisk();
    assert.ok((await client.listDisks()).includes("disk-new"));
    assert.equal(agent().read("store", "data"), "precious");
    await client.unmountDisk("disk-old");
    await client.removePersistentDisk("disk-old");
    assert.deepEqual(await client.listDisks(), ["disk-new"]);
    await client.unmountDisk("disk-new");
    await client.removePersistentDisk("disk-new");
  });

  test("disk associations are links below instance/disks", async () => {
    const client = agent().client();
    await client.addPersistentDisk("disk-raw", attach("disk-raw"));
    await client.updateSettings({ trusted_certs: "", disk_associations: [{ name: "first", cid: "disk-raw" }] });
    await client.updateSettings({ trusted_certs: "", disk_associations: [] });
    await client.removePersistentDisk("disk-raw");
  });
}
