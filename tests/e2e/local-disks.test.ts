import assert from "node:assert/strict";
import { answers, eventually, leftovers, localTest, shell, threeAzs, withEnvironment } from "../support/local-environment.ts";

localTest("a disk appears in a running VM, moves to the next one with its data, and outlives both", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const { cid: disk } = await iaas.createDisk({ name: "database/0 store", sizeMiB: 64 });
    assert.equal((await iaas.createDisk({ name: "database/0 store", sizeMiB: 64 })).cid, disk);
    const spec = { slot: "db", az: "z1", ip: "10.0.1.10", settings: { agent_id: "db" } };
    const { cid: first } = await iaas.createVm(spec);
    await answers(iaas, spec.ip);
    const hint = await iaas.attachDisk(first, disk);
    assert.equal(hint, `/var/vcap/devices/${disk}`);
    assert.equal(await iaas.attachDisk(first, disk), hint);
    assert.match(await shell(iaas, spec.ip, `mkdir -p /var/vcap/store && mount --bind ${hint} /var/vcap/store && echo guest >/var/vcap/store/book && mountpoint ${hint}`), /is a mountpoint/);
    assert.deepEqual(await leftovers(iaas), []);

    const { cid: other } = await iaas.createVm({ slot: "other", az: "z2", ip: "10.0.2.10", settings: { agent_id: "other" } });
    await assert.rejects(iaas.attachDisk(other, disk), { code: "iaas.local-disk-attached" });
    await assert.rejects(iaas.deleteDisk(disk), { code: "iaas.local-disk-attached" });
    await shell(iaas, spec.ip, "umount /var/vcap/store");
    await iaas.detachDisk(first, disk);
    assert.match(await shell(iaas, spec.ip, `test -e ${hint} || echo gone`), /gone/);
    await iaas.attachDisk(other, disk);
    await answers(iaas, "10.0.2.10");
    assert.match(await shell(iaas, "10.0.2.10", `cat ${hint}/book`), /guest/);

    // a VM that dies lets go of its disks
    process.kill((await iaas.findVm(other))!.pid!, "SIGKILL");
    await eventually("the dead VM owns its mounts", async () => ((await leftovers(iaas)).length === 0 ? true : undefined));
    const { cid: second } = await iaas.createVm(spec);
    await iaas.attachDisk(second, disk);
    await answers(iaas, spec.ip);
    assert.match(await shell(iaas, spec.ip, `cat ${hint}/book; echo more >>${hint}/book`), /guest/);
    assert.deepEqual(await iaas.listDisks(), [{ cid: disk, name: "database/0 store", sizeMiB: 64, attachedTo: second }]);

    await iaas.deleteVm(other);
    await iaas.deleteVm(second);
    assert.deepEqual(await leftovers(iaas), []);
    assert.equal(await iaas.hasDisk(disk), true);
    await iaas.resizeDisk(disk, 128);
    await assert.rejects(iaas.resizeDisk(disk, 64), { code: "iaas.local-disk-shrink" });
    await iaas.deleteNetwork();
    assert.equal(await iaas.hasDisk(disk), true);
    await iaas.deleteDisk(disk);
    await iaas.deleteDisk(disk);
    assert.equal(await iaas.hasDisk(disk), false);
  });
});
