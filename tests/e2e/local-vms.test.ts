import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { answers, eventually, get, leftovers, localTest, shell, threeAzs, withEnvironment } from "../support/local-environment.ts";

const secret = "planted-secret-5e1f";

localTest("a VM lives in its own namespaces, sees the host's programs and none of its data", async () => {
  await withEnvironment(async (iaas, stateDir) => {
    await iaas.ensureNetwork(threeAzs);
    const vm = await iaas.createVm({ slot: "web-0", az: "z1", ip: "10.0.1.10", settings: { agent_id: "agent-1", mbus: secret } });
    await answers(iaas, "10.0.1.10");

    const self = JSON.parse(await get(iaas, "10.0.1.10", "/self")) as { uid: number; hostname: string; argv: string[]; env: Record<string, string> };
    assert.equal(self.uid, 0);
    assert.equal(self.hostname, "agent-1");
    assert.ok(!JSON.stringify([self.argv, self.env]).includes(secret), "the settings are in arguments or environment");
    assert.equal(statSync(path.join(iaas.folder, "vms", vm.cid, "fs/var/vcap/bosh/user_data.json")).mode & 0o777, 0o600);

    const run = (command: string): Promise<string> => shell(iaas, "10.0.1.10", command);
    assert.equal((await run("cat /proc/1/cmdline | tr '\\0' ' '")).trim(), "/bin/sh /var/vcap/bosh/bin/init");
    assert.match(await run("ls /proc | grep -c '^[0-9]*$'"), /^[1-9]$/m);
    assert.match(await run(`ls -A /home /root /srv /media; test ! -e ${stateDir} && echo hidden`), /hidden/);
    assert.equal((await run("hostname; cat /etc/hostname")).trim(), "agent-1\nagent-1");
    assert.match(await run("getent hosts agent-1"), /10\.0\.1\.10/);
    assert.match(await run("touch /usr/x 2>&1; true"), /Read-only file system/);
    assert.match(await run("mount -o remount,rw,bind /usr 2>&1 || echo refused"), /refused/);
    assert.match(await run("umount /usr 2>&1 || echo refused"), /refused/);
    assert.match(await run("(echo x >/proc/sys/kernel/core_pattern) 2>&1 || echo refused"), /refused/);
    assert.match(await run("/var/vcap/bosh/bin/as-vcap id"), /uid=1000\(vcap\)/);
    assert.match(await run("ip route"), /default via 10\.0\.1\.1/);
    assert.match(await run("touch /tmp/x /run/x /var/vcap/x /etc/x && echo written"), /written/);
    assert.deepEqual(await leftovers(iaas), []);
  });
});

localTest("VMs of different AZs reach each other and nothing outside", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    await iaas.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "a" } });
    await iaas.createVm({ slot: "b", az: "z2", ip: "10.0.2.10", settings: { agent_id: "b" } });
    await Promise.all([answers(iaas, "10.0.1.10"), answers(iaas, "10.0.2.10")]);
    const fetchFrom = (url: string): Promise<string> =>
      shell(iaas, "10.0.1.10", `node -e 'fetch("${url}",{signal:AbortSignal.timeout(1500)}).then(r=>r.text()).then(console.log,()=>console.log("failed")).then(()=>process.exit())'`);
    assert.equal((await fetchFrom("http://10.0.2.10:6868/id")).trim(), "b");
    assert.match(await fetchFrom("http://192.0.2.1/"), /failed/);

    await iaas.cutAz("z2");
    assert.match(await fetchFrom("http://10.0.2.10:6868/id"), /failed/);
    await assert.rejects(iaas.dial("10.0.2.10", 6868), { code: /^E(HOST|NET)UNREACH$/ });
    await iaas.healAz("z2");
    assert.equal((await fetchFrom("http://10.0.2.10:6868/id")).trim(), "b");
  });
});

localTest("dial fails as net.connect does", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    await assert.rejects(iaas.dial("10.0.1.1", 9), { code: "ECONNREFUSED" });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(iaas.dial("10.0.1.99", 9, abort.signal), { code: "ABORT_ERR" });
  });
});

localTest("creating a slot again leaves one VM, on the same address", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const spec = { slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } };
    const first = await iaas.createVm(spec);
    await answers(iaas, "10.0.1.10");
    const second = await iaas.createVm({ ...spec, settings: { agent_id: "two" } });
    assert.notEqual(first.cid, second.cid);
    await answers(iaas, "10.0.1.10");
    assert.equal(await get(iaas, "10.0.1.10", "/id"), "two");
    assert.deepEqual((await iaas.listVms()).map((v) => v.cid), [second.cid]);
    await assert.rejects(iaas.createVm({ ...spec, slot: "other" }), { code: "iaas.local-address-taken" });
    await assert.rejects(iaas.createVm({ ...spec, slot: "other", ip: "10.0.9.9" }), { code: "iaas.local-bad-address" });
    await assert.rejects(iaas.createVm({ ...spec, slot: "other", az: "z9" }), { code: "iaas.local-no-az" });
    await iaas.deleteVm(second.cid);
    await iaas.deleteVm(second.cid);
    assert.deepEqual(await iaas.listVms(), []);
    assert.deepEqual(await leftovers(iaas), []);
  });
});

localTest("a killed VM is seen as dead and made anew; an agent that ends comes back; a shut down VM stays down", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const spec = { slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } };
    const { cid } = await iaas.createVm(spec);
    await answers(iaas, "10.0.1.10");
    const before = JSON.parse(await get(iaas, "10.0.1.10", "/self")) as { pid: number };
    await get(iaas, "10.0.1.10", "/exit");
    await eventually("the agent is back", async () => (JSON.parse(await get(iaas, "10.0.1.10", "/self")) as { pid: number }).pid !== before.pid);

    process.kill((await iaas.findVm(cid))!.pid!, "SIGKILL");
    await eventually("the VM is dead", async () => (await iaas.findVm(cid))?.state === "dead");
    const again = await iaas.createVm(spec);
    await answers(iaas, "10.0.1.10");
    await get(iaas, "10.0.1.10", "/off");
    await eventually("the VM is off", async () => (await iaas.findVm(again.cid))?.state === "dead");
    assert.match(readFileSync(iaas.consoleLog("a"), "utf8"), /agent ended with 3, starting it again[\s\S]*powered off/);

    await iaas.createVm(spec);
    await iaas.killAz("z1");
    assert.deepEqual((await iaas.listVms()).map((v) => v.state), ["dead"]);
  });
});

localTest("sixteen VMs at once, and all gone again", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const specs = Array.from({ length: 16 }, (_, i) => ({ slot: `s${i}`, az: `z${(i % 3) + 1}`, ip: `10.0.${(i % 3) + 1}.${10 + i}`, settings: { agent_id: `id${i}` } }));
    await Promise.all(specs.map((s) => iaas.createVm(s)));
    for (const { ip, settings } of specs) await eventually(ip, async () => (await get(iaas, ip, "/id")) === settings.agent_id);
    assert.deepEqual(await leftovers(iaas), []);
    await Promise.all((await iaas.listVms()).map((v) => iaas.deleteVm(v.cid)));
    assert.deepEqual(await leftovers(iaas), []);
    assert.ok(!(await iaas.scan()).some((t) => t.owner.startsWith("vm ")));
  });
});

localTest("two environments with the same addresses side by side", async () => {
  await withEnvironment(async (one) => {
    await withEnvironment(async (two) => {
      await one.ensureNetwork(threeAzs);
      await two.ensureNetwork(threeAzs);
      await one.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } });
      await two.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "two" } });
      await Promise.all([answers(one, "10.0.1.10"), answers(two, "10.0.1.10")]);
      assert.equal(await get(one, "10.0.1.10", "/id"), "one");
      assert.equal(await get(two, "10.0.1.10", "/id"), "two");
      await two.destroy();
      assert.equal(await get(one, "10.0.1.10", "/id"), "one");
    }, "a name that is much too long for an interface or the path of a unix socket, with spaces and a ü in it ".repeat(2));
  });
});

localTest("a program inside a VM: output, exit code, input", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const { cid } = await iaas.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } });
    const child = await iaas.exec(cid, ["sh", "-c", "read x; echo $x from $(hostname) as $(id -u); exit 7"]);
    let output = "";
    child.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stdin!.end("hello\n");
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.deepEqual([code, output], [7, "hello from one as 0\n"]);
    await assert.rejects(iaas.exec("vm-a-00000000-000000", ["true"]), { code: "iaas.local-no-vm" });
  });
});

localTest("the network changes with its specification", async () => {
  await withEnvironment(async (iaas) => {
    const first = await iaas.ensureNetwork(threeAzs);
    assert.deepEqual(await iaas.ensureNetwork(threeAzs), first);
    await iaas.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } });
    await iaas.ensureNetwork({ name: "default", subnets: [threeAzs.subnets[0]!, { az: "z9", cidr: "10.0.9.0/24", gateway: "10.0.9.1" }] });
    await iaas.createVm({ slot: "b", az: "z9", ip: "10.0.9.10", settings: { agent_id: "nine" } });
    await Promise.all([answers(iaas, "10.0.9.10"), answers(iaas, "10.0.1.10")]);
    assert.deepEqual(await leftovers(iaas), []);
    await assert.rejects(iaas.ensureNetwork({ name: "x", subnets: [threeAzs.subnets[0]!, { az: "b", cidr: "10.0.0.0/16", gateway: "10.0.0.1" }] }), { code: "iaas.local-bad-network" });
    await iaas.deleteNetwork();
    assert.equal(await iaas.findNetwork(), undefined);
    assert.deepEqual((await iaas.listVms()).map((v) => v.state), ["dead", "dead"]);
    await assert.rejects(iaas.createVm({ slot: "c", az: "z1", ip: "10.0.1.11", settings: {} }), { code: "iaas.local-no-network" });
  });
});

localTest("a network lost with a reboot comes back with the next VM; a deleted one does not", async () => {
  await withEnvironment(async (iaas) => {
    const { holderPid } = await iaas.ensureNetwork(threeAzs);
    const spec = { slot: "a", az: "z1", ip: "10.0.1.10", settings: { agent_id: "one" } };
    const { cid: disk } = await iaas.createDisk({ name: "d", sizeMiB: 8 });
    const { cid: lost } = await iaas.createVm(spec);
    await iaas.attachDisk(lost, disk);
    process.kill(holderPid, "SIGKILL");
    await eventually("all is dead", async () => (await iaas.findNetwork()) === undefined && (await iaas.findVm(lost))?.state === "dead");
    const { cid } = await iaas.createVm({ ...spec, stemcell: { os: "ubuntu-jammy", version: "1.5" } });
    await iaas.attachDisk(cid, disk);
    await answers(iaas, spec.ip);
    assert.equal(await shell(iaas, spec.ip, "cat /var/vcap/bosh/etc/operating_system; ls /var/vcap/devices"), `ubuntu-jammy${disk}\n`);
    assert.deepEqual(await leftovers(iaas), []);
    await iaas.deleteNetwork();
    await assert.rejects(iaas.createVm(spec), { code: "iaas.local-no-network" });
  });
});

localTest("limits hold where they are said to hold", async (t) => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    const { cid, limits } = await iaas.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: {}, resources: { memoryMiB: 96, cpus: 0.5 } });
    if (limits.memory !== "96 MiB" || limits.cpu !== "0.5 CPU") {
      assert.match(limits.memory + limits.cpu, /not enforced: /);
      return t.skip(`memory ${limits.memory}, cpu ${limits.cpu}`);
    }
    await answers(iaas, "10.0.1.10");
    await assert.rejects(shell(iaas, "10.0.1.10", "node -e 'Buffer.alloc(300e6, 1)'"));
    await answers(iaas, "10.0.1.10");
    assert.equal((await iaas.findVm(cid))!.state, "running");
    await iaas.deleteVm(cid);
    assert.ok(!(await iaas.scan()).some((trace) => trace.kind === "cgroup"));
  });
});
