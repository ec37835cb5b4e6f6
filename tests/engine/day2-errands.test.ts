import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { TestPlatform } from "../support/platform/index.ts";

const platform = new TestPlatform("day2-errands");
const release = path.join(platform.folder, "smoke");

function writeSmokeRelease(): void {
  const files: Record<string, string> = {
    "config/final.yml": "---\nname: smoke\n",
    "config/blobs.yml": "--- {}\n",
    "jobs/smoke/spec": "---\nname: smoke\ntemplates:\n  run.erb: bin/run\npackages: []\nproperties:\n  code: {default: 0}\n",
    "jobs/smoke/monit": "",
    "jobs/smoke/templates/run.erb": `#!/bin/sh
mkdir -p /var/vcap/sys/log/smoke
echo "ran" >> /var/vcap/sys/log/smoke/smoke.log
echo "tested <%= spec.name %>/<%= spec.index %>"
echo "a complaint" >&2
exit <%= p("code") %>
`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(release, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(release, name), text);
  }
}

function deploy(code = 0): void {
  const sleeper = { name: "sleeper", release: "sleeper" };
  const smoke = { name: "smoke", release: "smoke", properties: { code } };
  platform.deploy(
    [
      { name: "api", instances: 2, jobs: [sleeper, smoke] },
      { name: "smoke-tests", instances: 3, lifecycle: "errand", jobs: [smoke], update: { allow_replace: false } },
    ],
    {
      manifest: {
        releases: [
          { name: "sleeper", version: "create", url: path.join(platform.folder, "release") },
          { name: "smoke", version: "create", url: release },
        ],
      },
    },
  );
}

before(async () => {
  writeSmokeRelease();
  deploy();
  const { code, text } = await platform.run(["up"]);
  assert.equal(code, 0, text);
});
after(() => platform.close());

test("an errand group has no VM until it runs, and errands are listed with where they run", async () => {
  assert.deepEqual((await platform.instances()).map((r) => r.instance), ["api/0", "api/1"]);
  const { stdout } = await platform.run(["errands", "--json"]);
  assert.deepEqual(JSON.parse(stdout), [
    { errand: "smoke", group: "api", "runs on": "its instances" },
    { errand: "smoke", group: "smoke-tests", "runs on": "a VM of its own" },
  ]);
});

test("on chosen instances: output, exit code, logs; --when-changed skips the second time", async () => {
  const args = ["run-errand", "smoke", "--instance", "api", "--when-changed", "--json", "--download-logs", "--logs-dir", path.join(platform.folder, "fetched")];
  const first = await platform.run(args);
  assert.equal(first.code, 0, first.text);
  const outcomes = JSON.parse(first.stdout) as { instance: string; exit_code: number; stdout: string; stderr: string }[];
  assert.deepEqual(outcomes.map(({ instance, exit_code, stdout, stderr }) => [instance, exit_code, stdout, stderr]), [
    ["api/0", 0, "tested api/0\n", "a complaint\n"],
    ["api/1", 0, "tested api/1\n", "a complaint\n"],
  ]);
  assert.equal(readdirSync(path.join(platform.folder, "fetched")).length, 2);
  const second = await platform.run(args);
  assert.equal(second.code, 0, second.text);
  assert.deepEqual(JSON.parse(second.stdout), []);
  assert.match(second.stderr, /skipped/);
});

test("an errand group gets one VM for the run, which goes afterwards; kept with --keep-alive until the next run", async () => {
  const planned = /wave 1 \(canary, z1\): smoke-tests\/0 is created/;
  const preview = await platform.run(["run-errand", "smoke-tests", "--preview"]);
  assert.equal(preview.code, 0, preview.text);
  assert.match(preview.text, planned);
  assert.match(preview.text, /then: 'smoke' runs on smoke-tests\/0.*on a VM of its own/);
  const data = JSON.parse((await platform.run(["run-errand", "smoke", "--instance", "api/1", "--preview", "--json"])).stdout) as object;
  assert.deepEqual(data, { errand: "smoke", instances: ["api/1"], plan: null });
  assert.deepEqual((await platform.instances()).map((r) => r.instance), ["api/0", "api/1"], "nothing was made");
  const kept = await platform.run(["run-errand", "smoke-tests", "--keep-alive", "--json"]);
  assert.equal(kept.code, 0, kept.text);
  assert.match(kept.stderr, planned);
  assert.match(kept.stdout, /tested smoke-tests\/0/);
  const rows = await platform.instances();
  assert.deepEqual(rows.map((r) => r.instance), ["api/0", "api/1", "smoke-tests/0"]);

  const again = await platform.run(["run-errand", "smoke-tests", "--json"]);
  assert.equal(again.code, 0, again.text);
  assert.deepEqual((await platform.instances()).map((r) => r.instance), ["api/0", "api/1"]);
  assert.equal(await platform.iaas.findVm(rows[2]!.vm), undefined);
});

test("an errand that fails answers 1, and its VM goes all the same", async () => {
  deploy(3);
  const { code, text } = await platform.run(["run-errand", "smoke-tests"]);
  assert.equal(code, 1, text);
  assert.match(text, /smoke-tests\/0: exit code 3/);
  assert.deepEqual((await platform.instances()).map((r) => r.instance), ["api/0", "api/1"]);
});

test("unknown errands, stopped instances and wrong choices are refused", async () => {
  const unknown = await platform.run(["run-errand", "smok"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.text, /no errand 'smok'[\s\S]*known are smoke, smoke-tests/);
  const misplaced = await platform.run(["run-errand", "smoke-tests", "--instance", "api/0"]);
  assert.equal(misplaced.code, 2, misplaced.text);
  assert.equal((await platform.run(["stop", "--yes", "api/1"])).code, 0);
  const stopped = await platform.run(["run-errand", "smoke", "--instance", "api"]);
  assert.equal(stopped.code, 1);
  assert.match(stopped.text, /api\/1 is stopped, unable to run errand 'smoke'/);
});
