import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import type { RunningAgent } from "../../support/agent-process.ts";
import { uploadSpec } from "../../support/agent-archives.ts";
import { finished, rpc, run, taskId } from "../../support/agent-wire.ts";

const SH = "#!/bin/sh\n";

export function scriptCases(agent: () => RunningAgent): void {
  const deploy = async (jobs: Record<string, Record<string, string>>, more: Parameters<typeof uploadSpec>[1] = {}) => {
    const client = agent().client();
    const spec = await uploadSpec(client, { jobs, ...more });
    await client.apply(spec);
    return spec;
  };

  test("scripts of all jobs run at the same time, with a fixed PATH and the given env", async () => {
    const meet = (other: string) => `${SH}touch "$0.here"\ni=0; while [ ! -e "${agent().at("jobs", other, "bin", "pre-start.here")}" ]; do i=$((i+1)); [ $i -gt 100 ] && exit 3; sleep 0.05; done\necho "$PATH|$MINE|$TMPDIR|$#"\necho err >&2\n`;
    await deploy({ a: { "bin/pre-start": meet("b") }, b: { "bin/pre-start": meet("a") }, c: { "bin/other": SH } });
    const script = () => run(agent(), "run_script", ["pre-start", { env: { MINE: "yes" } }]);
    assert.deepEqual(await script(), { value: {} });
    assert.deepEqual(await script(), { value: {} });
    const line = `/usr/sbin:/usr/bin:/sbin:/bin|yes|${agent().at("data", "tmp")}|0\n`;
    const stdout = agent().read("sys", "log", "a", "pre-start.stdout.log");
    // The real agent's stand-alone mode has another TMPDIR.
    assert.equal(stdout.replaceAll(/\|yes\|[^|]*\|/g, `|yes|${agent().at("data", "tmp")}|`), line + line, "output is appended");
    assert.equal(agent().read("sys", "log", "b", "pre-start.stderr.log"), "err\nerr\n");
    assert.equal(statSync(agent().at("sys", "log", "a", "pre-start.stdout.log")).mode & 0o777, 0o640);
  });

  test("one failure fails the whole and names both kinds", async () => {
    await deploy({ good: { "bin/post-start": SH }, bad: { "bin/post-start": `${SH}echo broken >&2\nexit 4\n` } });
    const { exception } = await run(agent(), "run_script", ["post-start", {}]);
    assert.match(exception!.message, /1 of 2 post-start scripts failed\. Failed Jobs: bad\. Successful Jobs: good\.$/);
    await assert.rejects(agent().client().runScript("post-start"), (error: Error) => /test\/0.*run_script post-start/.test(error.message) && error.message.includes("broken"));
  });

  test("drain tells scripts what changes, and loops while they answer a negative number", async () => {
    const log = `echo "$*|$BOSH_JOB_STATE|$BOSH_JOB_NEXT_STATE" >> "$0.log"\n`;
    const jobs = { a: { "bin/drain": `${SH}${log}case "$1" in job_check_status) echo 0;; *) echo -1;; esac\nexit 7\n` } };
    const packages = [{ name: "same", files: { f: "1" } }, { name: "old", files: { f: "1" } }];
    const spec = await deploy(jobs, { packages, spec: { persistent_disk: 10 } });
    const next = { ...spec, configuration_hash: "other", persistent_disk: 20, packages: {
      same: spec.packages.same!,
      zebra: { ...spec.packages.same!, name: "zebra" },
      old: { ...spec.packages.old!, sha1: "0".repeat(40) },
    } };
    const before = Date.now();
    assert.deepEqual(await run(agent(), "drain", ["update", next]), { value: 0 });
    assert.ok(Date.now() - before >= 1000);
    assert.deepEqual(await run(agent(), "drain", ["shutdown", {}]), { value: 0 });
    const now = '{"persistent_disk":10}';
    assert.deepEqual(agent().read("jobs", "a", "bin", "drain.log").trim().split("\n"), [
      `job_changed hash_changed old zebra|${now}|{"persistent_disk":20}`,
      `job_check_status hash_unchanged|${now}|`,
      `job_shutdown hash_unchanged|${now}|{"persistent_disk":0}`,
      `job_check_status hash_unchanged|${now}|`,
    ]);
    assert.match((await run(agent(), "drain", ["status"])).exception!.message, /Unexpected call with drain type 'status'/);
    assert.match((await run(agent(), "drain", ["update"])).exception!.message, /Drain update requires new spec/);
  });

  test("a drain script must print a number", async () => {
    await deploy({ a: { "bin/drain": `${SH}echo soon\n` } });
    assert.match((await run(agent(), "drain", ["shutdown", {}])).exception!.message, /1 of 1 drain scripts failed\. Failed Jobs: a\./);
  });

  test("a drain can be canceled", async () => {
    await deploy({ a: { "bin/drain": `${SH}exec sleep 30\n` } });
    const id = taskId(await rpc(agent(), "drain", ["shutdown", {}]));
    await sleep(300);
    assert.deepEqual(await rpc(agent(), "cancel_task", [id]), { value: "canceled" });
    assert.deepEqual(await finished(agent(), id), { value: 0 });
  });

  test("errands give output and exit code, whatever it is", async () => {
    await deploy({ smoke: { "bin/run": `${SH}echo out\necho err >&2\nexit 5\n` }, other: { monit: "" } });
    const result = { value: { stdout: "out\n", stderr: "err\n", exit_code: 5 } };
    assert.deepEqual(await run(agent(), "run_errand", ["smoke"]), result);
    assert.deepEqual(await run(agent(), "run_errand"), result);
    assert.match((await run(agent(), "run_errand", ["nope"])).exception!.message, /Could not find errand nope$/);
    assert.ok((await run(agent(), "run_errand", ["other"])).exception, "an errand without bin/run can't be started");
    assert.equal(existsSync(agent().at("sys", "log", "smoke", "run.stdout.log")), false);
  });

  test("a canceled errand still gives its result", async () => {
    await deploy({ smoke: { "bin/run": `${SH}trap 'echo stopped; exit 9' TERM\necho started\nwhile :; do sleep 0.05; done\n` } });
    const id = taskId(await rpc(agent(), "run_errand", ["smoke"]));
    await sleep(400);
    assert.deepEqual(await rpc(agent(), "cancel_task", [id]), { value: "canceled" });
    const { stdout, exit_code } = (await finished(agent(), id)).value as { stdout: string; exit_code: number };
    assert.deepEqual({ stdout, exit_code }, { stdout: "started\nstopped\n", exit_code: 9 });
  });

  test("an aborted client call cancels the errand", async () => {
    await deploy({ smoke: { "bin/run": `${SH}trap 'touch "$0.stopped"; exit 0' TERM\nwhile :; do sleep 0.05; done\n` } });
    const abort = new AbortController();
    const call = agent().client().runErrand("smoke", { signal: abort.signal });
    await sleep(500);
    abort.abort(new Error("enough"));
    await assert.rejects(call, /enough/);
    for (let i = 0; i < 40 && !existsSync(agent().at("jobs", "smoke", "bin", "run.stopped")); i += 1) await sleep(50);
    assert.equal(existsSync(agent().at("jobs", "smoke", "bin", "run.stopped")), true);
  });
}
