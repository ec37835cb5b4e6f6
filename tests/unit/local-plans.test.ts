import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { contains, hardwareAddress, overlap, parseCidr } from "../../provider/local/address.ts";
import { findController } from "../../provider/local/cgroup.ts";
import { explain } from "../../provider/local/failure.ts";
import { planIdMaps } from "../../provider/local/id-maps.ts";
import { isLocked, withLock } from "../../provider/local/lock.ts";
import { checkNetwork } from "../../provider/local/network.ts";
import { EnvironmentPaths } from "../../provider/local/paths.ts";
import { readRecord, writeRecord } from "../../provider/local/record.ts";
import { isCid, newCid, slotKey, slotKeyOf } from "../../provider/local/vm-record.ts";

test("names fit the kernel whatever the environment, AZ or slot is called", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (environment, az, slot) => {
      const paths = new EnvironmentPaths("/state", environment);
      assert.equal(path.dirname(paths.root), "/state");
      assert.match(path.basename(paths.root), /^[a-z0-9-]{1,41}$/);
      const cid = newCid(slot);
      assert.ok(isCid(cid));
      assert.equal(slotKeyOf(cid), slotKey(slot));
      for (const name of [EnvironmentPaths.bridge(az), EnvironmentPaths.cable(cid)]) assert.ok(name.length <= 15);
      assert.equal(path.dirname(paths.log(slot)), paths.logs);
    }),
  );
  assert.notEqual(new EnvironmentPaths("/s", "a b").root, new EnvironmentPaths("/s", "a-b").root);
});

test("a cid that names another folder is no cid", () => {
  for (const text of ["", "..", "vm-../x", "vm-a", "vm-a-00000000-000000/..", "disk-a"]) assert.equal(isCid(text), false);
});

test("address ranges", () => {
  assert.ok(contains(parseCidr("10.0.1.7/24"), "10.0.1.255"));
  assert.ok(!contains(parseCidr("10.0.1.0/24"), "10.0.2.0"));
  assert.ok(overlap(parseCidr("10.0.0.0/16"), parseCidr("10.0.9.0/24")));
  assert.ok(!overlap(parseCidr("10.0.0.0/24"), parseCidr("10.0.1.0/24")));
  assert.equal(hardwareAddress("10.0.1.200"), "02:00:0a:00:01:c8");
  for (const bad of ["10.0.0.0", "10.0.0/24", "10.0.0.0/31", "300.0.0.0/8"]) assert.throws(() => parseCidr(bad), { code: "iaas.local-bad-address" });
});

test("a network names what is wrong with it", () => {
  const z1 = { az: "z1", cidr: "10.0.1.0/24", gateway: "10.0.1.1" };
  checkNetwork({ name: "n", subnets: [z1] });
  assert.throws(() => checkNetwork({ name: "n", subnets: [{ ...z1, gateway: "10.0.2.1" }] }), /Gateway 10.0.2.1 of AZ 'z1' is not in 10.0.1.0\/24/);
  assert.throws(() => checkNetwork({ name: "n", subnets: [z1, { ...z1, cidr: "10.0.2.0/24", gateway: "10.0.2.1" }] }), /AZ 'z1' has two subnets/);
  assert.throws(() => checkNetwork({ name: "n", subnets: [z1, { ...z1, az: "z2" }] }), /Subnets of AZs 'z1' and 'z2' overlap/);
});

test("root gives its VMs ids that own nothing of the host, a plain user gives its one id", () => {
  const all = [{ inside: 0, outside: 0, count: 4_294_967_295 }];
  const root = planIdMaps({ uid: 0, gid: 0, uids: all, gids: all });
  assert.equal(root.single, false);
  assert.ok(root.tenantRoot.uid >= 1_000_000_000);
  assert.deepEqual(root.tenant.uid, [{ inside: 0, outside: root.tenantRoot.uid, count: 65_536 }]);
  assert.deepEqual(root.environment.uid, all);

  const plain = planIdMaps({ uid: 1000, gid: 100, uids: all, gids: all });
  assert.equal(plain.single, true);
  assert.deepEqual(plain.environment, { uid: [{ inside: 0, outside: 1000, count: 1 }], gid: [{ inside: 0, outside: 100, count: 1 }] });
  assert.deepEqual(plain.tenant.uid, [{ inside: 0, outside: 0, count: 1 }]);

  // root of a rootless container has no ids to spare and passes on what it has
  const few = [{ inside: 0, outside: 1000, count: 1 }, { inside: 1, outside: 100_000, count: 65_536 }];
  const nested = planIdMaps({ uid: 0, gid: 0, uids: few, gids: few });
  assert.equal(nested.single, false);
  assert.deepEqual(nested.environment.uid, [{ inside: 0, outside: 0, count: 1 }, { inside: 1, outside: 1, count: 65_536 }]);
  assert.deepEqual(nested.tenantRoot, { uid: 0, gid: 0 });
});

test("control groups are found in version 1, version 2 and mixed systems", () => {
  const v1 = "36 35 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n37 35 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
  const v2 = "30 25 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  const own = "4:memory:/session/7\n3:cpu,cpuacct:/\n0::/user.slice/a.scope\n";
  assert.deepEqual(findController("memory", v1 + v2, own), { version: 1, at: "/sys/fs/cgroup/memory", own: "/session/7" });
  assert.deepEqual(findController("cpu", v1 + v2, own), { version: 1, at: "/sys/fs/cgroup/cpu,cpuacct", own: "/" });
  assert.deepEqual(findController("memory", v2, own), { version: 2, at: "/sys/fs/cgroup/unified", own: "/user.slice/a.scope" });
  // in a container the mount's root is the container's own group
  const inside = "30 25 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  assert.deepEqual(findController("cpu", inside, "0::/docker/abc/x\n"), { version: 2, at: "/sys/fs/cgroup", own: "/x" });
  assert.equal(findController("cpu", "", own), undefined);
});

test("an error says what to do about it", () => {
  const cases: [string, string][] = [
    ["unshare: unshare failed: Operation not permitted", "iaas.local-no-namespaces"],
    ["unshare: unshare failed: No space left on device", "iaas.local-no-namespaces"],
    ["mkdir: cannot create directory 'x': No space left on device", "iaas.local-disk-full"],
    ["/bin/sh: 3: ip: not found", "iaas.local-missing-tool"],
    ["mount: /proc: permission denied.", "iaas.local-no-mounts"],
    ["sh: fork: Resource temporarily unavailable", "iaas.local-no-memory"],
  ];
  for (const [output, code] of cases) {
    const error = explain("create_vm", "Cannot create VM 'x'", new Error("ended with exit code 1"), output);
    assert.equal(error.code, code, output);
    assert.ok(error.hint, output);
    assert.ok(error.message.includes(output));
  }
  assert.equal(explain("create_vm", "x", new Error("spawn unshare ENOENT")).code, "iaas.local-missing-tool");
  assert.equal(explain("create_vm", "x", new Error("odd")).code, "iaas.local-failed");
});

test("a lock has one holder at a time and is free after a failure", async () => {
  const scope = `test ${process.pid}`;
  let inside = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(scope, "x", async () => {
        assert.equal(++inside, 1);
        await new Promise((resolve) => setTimeout(resolve, 3));
        inside--;
      }),
    ),
  );
  await assert.rejects(withLock(scope, "x", () => Promise.reject(new Error("no"))), /no/);
  await withLock(scope, "x", async () => {
    assert.equal(await isLocked(scope, "x"), true);
    assert.equal(await isLocked(scope, "y"), false);
    await assert.rejects(withLock(scope, "x", () => Promise.resolve(), 50), { code: "iaas.local-busy", retryable: true });
  });
  assert.equal(await isLocked(scope, "x"), false);
});

test("a record is whole or absent, and no draft stays", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-record-"));
  try {
    const file = path.join(folder, "a.json");
    assert.equal(await readRecord(file), undefined);
    await Promise.all([1, 2, 3, 4].map((n) => writeRecord(file, { n, text: "x".repeat(10_000) })));
    assert.equal((await readRecord<{ text: string }>(file))!.text.length, 10_000);
    assert.deepEqual(readdirSync(folder), ["a.json"]);
    writeFileSync(file, '{"half":');
    assert.equal(await readRecord(file), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
