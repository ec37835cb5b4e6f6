import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answers, eventually, leftovers, localTest, threeAzs, withEnvironment } from "../support/local-environment.ts";

const kills = Number(process.env.REPAVE_TEST_KILLS ?? 20);

/** Runs the victim and kills it with all it has directly started after some time, as `kill -9` of a whole command does. */
async function runAndKill(stateDir: string, afterMs: number): Promise<void> {
  const victim = spawn(process.execPath, ["--import", "tsx", path.join(__dirname, "../support/local-victim.ts"), stateDir, "0"], { stdio: ["ignore", "pipe", "inherit"], cwd: path.join(__dirname, "../..") });
  const gone = new Promise((resolve) => victim.once("exit", resolve));
  // the first kills fall into the start of the network, the others into the work after it
  if (afterMs >= 200) await Promise.race([new Promise((resolve) => victim.stdout.once("data", resolve)), gone]);
  await sleep(afterMs);
  assert.equal(victim.exitCode, null, "the victim ended by itself");
  victim.kill("SIGKILL");
  await gone;
}

localTest(`after ${kills} kills at random moments the next command finds order, and destroy leaves nothing`, async () => {
  await withEnvironment(async (iaas, stateDir) => {
    for (let i = 0; i < kills; i++) {
      const afterMs = i < 3 ? 400 + Math.random() * 400 : 200 + Math.random() * 900;
      await runAndKill(stateDir, i < 3 ? afterMs / 4 : afterMs);
      await iaas.ensureNetwork(threeAzs);
      // what died with the command needs a moment to undo itself
      const left = await eventually("no leftovers", async () => ((await leftovers(iaas)).length === 0 ? "none" : undefined), 5000).catch(async () => (await leftovers(iaas)).join("\n"));
      assert.equal(left, "none", `after ${Math.round(afterMs)} ms`);
      const slots = (await iaas.listVms()).map((v) => v.slot);
      assert.equal(new Set(slots).size, slots.length, "a slot has two VMs");
    }
    const { cid } = await iaas.createVm({ slot: "s1", az: "z1", ip: "10.0.1.10", settings: { agent_id: "last" } });
    await answers(iaas, "10.0.1.10");
    assert.equal((await iaas.listVms()).filter((v) => v.slot === "s1").length, 1);
    await iaas.deleteVm(cid);
  });
});

localTest("destroy also removes an environment whose records are lost", async () => {
  await withEnvironment(async (iaas) => {
    await iaas.ensureNetwork(threeAzs);
    await iaas.createVm({ slot: "a", az: "z1", ip: "10.0.1.10", settings: {}, resources: { memoryMiB: 128 } });
    for (const name of readdirSync(iaas.folder)) {
      const file = path.join(iaas.folder, name);
      if (statSync(file).isFile()) rmSync(file);
    }
    assert.ok((await leftovers(iaas)).some((l) => l.startsWith("process")), "the processes have no owner now");
    await iaas.destroy();
    assert.deepEqual(await iaas.scan(), []);
  });
});
