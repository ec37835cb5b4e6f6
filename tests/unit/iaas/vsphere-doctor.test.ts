import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { probeVsphere } from "../../../provider/vsphere/probe.ts";

const account = { VSPHERE_SERVER: "127.0.0.1:9", VSPHERE_USER: "repave@vsphere.local", VSPHERE_PASSWORD: "hunter2" };

test("an account that is not there is said with its variables", async () => {
  const [check] = await probeVsphere({ VSPHERE_USER: "x" });
  assert.deepEqual([check!.ok, check!.found], [false, "VSPHERE_SERVER, VSPHERE_PASSWORD not set"]);
});

test("a vCenter that can't be reached is said, and no password", async () => {
  const checks = await probeVsphere(account);
  assert.match(checks[0]!.found, /vCenter 127\.0\.0\.1:9 can't be asked: .*ECONNREFUSED/);
  assert.match(checks[0]!.fix, /reaches VSPHERE_SERVER/);
  assert.doesNotMatch(JSON.stringify(checks), /hunter2/);
});

test("something that is no vCenter is said", async () => {
  const other = createServer((socket) => socket.end("hello\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const checks = await probeVsphere({ ...account, VSPHERE_SERVER: `127.0.0.1:${(other.address() as AddressInfo).port}` });
  other.close();
  assert.deepEqual(checks.map((check) => check.ok), [false]);
  assert.match(checks[0]!.found, /can't be asked/);
});
