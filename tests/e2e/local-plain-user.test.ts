import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, chownSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const uid = 54_321;
const root = path.join(__dirname, "../..");
const files = ["local-vms", "local-disks", "local-balancer", "local-kill"].map((name) => path.join(__dirname, `${name}.test.ts`));

test("all of the local IaaS works for a plain user as well", async (t) => {
  if (process.geteuid!() !== 0) return t.skip("this run is a plain user's already");
  const home = mkdtempSync(path.join(os.tmpdir(), "repave-plain-"));
  chownSync(home, uid, uid);
  try {
    const plainly = (...argv: string[]): ReturnType<typeof spawnSync> =>
      spawnSync("setpriv", ["--reuid", String(uid), "--regid", String(uid), "--clear-groups", ...argv], {
        cwd: root,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, NO_COLOR: "1", REPAVE_TEST_KILLS: "6" },
        timeout: 300_000,
      });
    if (plainly("test", "-r", path.join(root, "package.json")).status !== 0) return t.skip("the checkout is not readable for other users");
    const { status, stdout, stderr } = plainly(process.execPath, "--import", "tsx", "--test", "--test-reporter", "tap", "--test-concurrency", "2", ...files);
    t.diagnostic(/^# pass.*$/m.exec(String(stdout))?.[0] ?? "");
    assert.equal(status, 0, `${String(stdout)}\n${String(stderr)}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
