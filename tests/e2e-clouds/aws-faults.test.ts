import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { findMoto } from "../support/aws/moto.ts";
import { AwsPlatform } from "../support/aws/platform.ts";

const moto = findMoto({ install: true });
const aws = moto.missing === undefined ? new AwsPlatform("aws-faults", moto.python) : undefined;
before(async () => aws?.start());
after(() => aws?.close());

const step = (name: string, body: (aws: AwsPlatform) => Promise<void>) => void test(name, { skip: moto.missing ?? false }, () => body(aws!));
const groups = (web: number) => [
  { name: "db", instances: 1, disk: 1024 },
  { name: "web", instances: web },
];
const cheap = { iaas: { nat: "none", buckets: [], endpoints: [] } };

/** One object for each thing the program names, and no other. */
async function nothingTwice(aws: AwsPlatform, vms: number): Promise<void> {
  const { instances, interfaces, volumes } = await aws.inventory();
  assert.equal(instances.length, vms);
  assert.equal(interfaces.length, vms);
  assert.equal(volumes.filter((v) => v.Tags?.some((tag) => tag.Key === "id") && v.Size === 1).length, 1);
  assert.deepEqual(volumes.filter((v) => v.State !== "in-use"), []);
  assert.equal(aws.guests.running().length, vms);
}

step("throttled, failing and slow calls are asked again, and what was done without an answer is not done twice", async (aws) => {
  aws.deploy(groups(1), cheap);
  aws.cloud.faults.push(
    { action: "CreateVolume", times: 3, kind: "throttle" },
    { action: "CreateNetworkInterface", times: 2, kind: "error" },
    { action: "DescribeInstances", times: 2, kind: "throttle" },
    { action: "RunInstances", times: 1, kind: "lost" },
    { action: "CreateVolume", times: 1, kind: "lost" },
    { action: "CreateSubnet", times: 1, kind: "slow" },
  );
  const { code, text } = await aws.run("up");
  assert.equal(code, 0, text);
  assert.deepEqual(aws.cloud.faults.filter((fault) => fault.times > 0), [], "every fault has happened");
  assert.deepEqual((await aws.instances()).map((r) => [r.instance, r.state]), [["db/0", "running"], ["web/0", "running"]]);
  await nothingTwice(aws, 2);
});

step("a quota stops the update, says which, and the next one goes on where it stopped", async (aws) => {
  aws.deploy(groups(3), cheap);
  aws.cloud.faults.splice(0, Infinity, { action: "RunInstances", times: 2, kind: "quota" });
  const refused = await aws.run("up");
  assert.notEqual(refused.code, 0);
  assert.match(refused.text, /VcpuLimitExceeded|vCPU limit of 32/);
  // On a busy machine the first refusal stops the update before the second VM is asked for.
  aws.cloud.faults.length = 0;
  assert.deepEqual((await aws.instances()).filter((r) => r.state === "running").map((r) => r.instance).sort().slice(0, 2), ["db/0", "web/0"]);
  const { code, text } = await aws.run("up");
  assert.equal(code, 0, text);
  assert.equal((await aws.instances()).filter((r) => r.state === "running").length, 4);
  await nothingTwice(aws, 4);
});

step("a VM that was terminated behind the deployer's back is found by a check and made anew by a repair, with its disk", async (aws) => {
  assert.deepEqual(await aws.problems(), []);
  const [db] = (await aws.instances()).filter((r) => r.instance === "db/0");
  await aws.terminate(db!.vm);
  const orphan = await aws.strayVolume();
  assert.deepEqual(await aws.problems(), ["missing_vm db/0", `orphan_disk ${orphan}`]);
  assert.deepEqual((await aws.rows("disks", "--orphaned")).map((row) => [row["disk"], row["instance"]]), [[orphan, "db/gone"]]);
  await aws.succeed("repair", "--auto");
  await aws.succeed("repair", "--resolution", "delete_disk");
  const [renewed] = (await aws.instances()).filter((r) => r.instance === "db/0");
  assert.notEqual(renewed!.vm, db!.vm);
  assert.equal(renewed!.state, "running");
  assert.match(await aws.guests.inVm(renewed!.vm, ["cat", "/var/vcap/store/starts"]), /\n.+\n/, "its data came along");
  await nothingTwice(aws, 4);
});

step("a VM whose answer never came is named by the update that failed, and deleted when told so; the next one goes on", async (aws) => {
  aws.deploy(groups(4), cheap);
  // As often as the provider asks.
  aws.cloud.faults.splice(0, Infinity, { action: "RunInstances", times: 8, kind: "lost" });
  const failed = await aws.run("up", "--skip-preview");
  assert.notEqual(failed.code, 0);
  assert.match(failed.text, /does not know: VM dep-web-\S+ \(i-[0-9a-f]+\)[^]*next: repave repair test --resolution delete_vm,/);
  assert.deepEqual(aws.cloud.faults.filter((fault) => fault.times > 0), []);
  const [lost] = await aws.rows("vms", "--orphaned");
  assert.ok((await aws.problems()).includes(`orphan_vm ${lost!["vm"]}`));
  await aws.run("repair", "--resolution", "delete_vm");
  await aws.succeed("up", "--skip-preview");
  await nothingTwice(aws, 5);
});

step("deletes under throttling leave nothing", async (aws) => {
  aws.cloud.faults.splice(0, Infinity, { action: "TerminateInstances", times: 2, kind: "throttle" }, { action: "DeleteVolume", times: 1, kind: "lost" }, { action: "DeleteNetworkInterface", times: 2, kind: "error" });
  const { code, text } = await aws.run("down", "--yes");
  assert.equal(code, 0, text);
  assert.deepEqual((await aws.inventory()).all, []);
  assert.deepEqual(aws.guests.running(), []);
});
