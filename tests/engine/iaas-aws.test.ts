import assert from "node:assert/strict";
import { test } from "node:test";
import { findMoto } from "../support/aws/moto.ts";
import { AwsPlatform } from "../support/aws/platform.ts";

// The whole of it is in tests/e2e-clouds; nothing is fetched here.
const moto = findMoto({ install: false });

test("an instance on AWS comes up with its disk mounted, and goes without a trace", { skip: moto.missing ?? false }, async (t) => {
  const aws = new AwsPlatform("aws-small", moto.python!);
  t.after(() => aws.close());
  await aws.start();
  aws.deploy([{ name: "db", instances: 1, disk: 1024, vm_extensions: ["lb"] }], { iaas: { nat: "none", buckets: [], endpoints: [] } });
  const up = await aws.run("up");
  assert.equal(up.code, 0, up.text);
  const [row] = await aws.instances();
  assert.deepEqual([row!.instance, row!.state], ["db/0", "running"]);
  assert.ok(await aws.guests.mounted(row!.vm));
  assert.deepEqual((await aws.inventory()).targets, [row!.ips]);
  const down = await aws.run("down", "--yes");
  assert.equal(down.code, 0, down.text);
  assert.deepEqual((await aws.inventory()).all, []);
});
