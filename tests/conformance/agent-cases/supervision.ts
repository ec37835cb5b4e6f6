import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { waitForAgent, waitForRunning } from "../../../provider/agent/index.ts";
import type { RunningAgent } from "../../support/agent-process.ts";
import { uploadSpec } from "../../support/agent-archives.ts";

export function supervisionCases(agent: () => RunningAgent): void {
  const pidfile = (name: string) => agent().at("sys", "run", name, `${name}.pid`);
  const pid = (name: string) => Number(readFileSync(pidfile(name), "utf8"));
  const alive = (p: number) => existsSync(`/proc/${p}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${p}/stat`, "utf8"));
  const until = async (what: string, ok: () => boolean | Promise<boolean>, ms = 8000) => {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) if (await ok()) return;
    assert.fail(`not in time: ${what}`);
  };

  /** A job whose ctl script daemonizes, and appends what it does to `events`. */
  const job = (name: string, options: { monit?: string; start?: string } = {}) => ({
    monit: `check process ${name}
  with pidfile ${pidfile(name)}
  start program "${agent().at("jobs", name, "bin", "ctl")} start" with timeout 5 seconds
  stop program "${agent().at("jobs", name, "bin", "ctl")} stop" with timeout 5 seconds
  if totalmem > 500 MB for 2 cycles then restart
  group vcap
  ${options.monit ?? ""}
`,
    "bin/ctl": `#!/bin/sh
echo "$1 ${name}" >> ${agent().at("events")}
case $1 in
start)
  ${options.start ?? ""}
  setsid sh -c 'echo $$ > ${pidfile(name)}; exec sleep 1000.${agent().port}' ${agent().base} </dev/null >/dev/null 2>&1 &
  ;;
stop)
  kill "$(cat ${pidfile(name)})" && rm -f ${pidfile(name)}
  ;;
esac
`,
  });

  const deploy = async (jobs: Record<string, Record<string, string>>) => {
    const client = agent().client();
    await client.stop();
    await client.apply(await uploadSpec(client, { jobs }));
    rmSync(agent().at("events"), { force: true });
    return client;
  };

  const events = () => readFileSync(agent().at("events"), "utf8").trim().split("\n");

  test("without services the state is running; after stop it is stopped", async () => {
    const client = agent().client();
    assert.equal((await client.getState()).job_state, "running");
    await client.stop();
    assert.equal((await client.getState()).job_state, "stopped");
    await client.start();
    assert.equal((await client.getState()).job_state, "running");
  });

  test("start returns at once, processes run, and stop waits until they are gone", async () => {
    const client = await deploy({ web: job("web", { start: "sleep 1" }), db: job("db") });
    const before = Date.now();
    await client.start();
    assert.ok(Date.now() - before < 900);
    assert.equal((await client.getState()).job_state, "starting");
    const state = await waitForRunning(client, { min: 0, max: 9000 });
    assert.deepEqual(state.processes!.map((p) => [p.name, p.state]).sort(), [["db", "running"], ["web", "running"]]);
    assert.ok(state.processes![0]!.mem!.kb! > 0);
    const pids = [pid("web"), pid("db")];
    await client.stop();
    assert.deepEqual(pids.map(alive), [false, false]);
    const stopped = await client.getState();
    assert.equal(stopped.job_state, "stopped");
    assert.deepEqual(stopped.processes!.map((p) => p.state), ["unknown", "unknown"]);
  });

  test("a died process is started again within seconds, over and over with longer pauses", async () => {
    const client = await deploy({ web: job("web") });
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    const first = pid("web");
    process.kill(first, "SIGKILL");
    await until("a second process", () => existsSync(pidfile("web")) && pid("web") !== first && alive(pid("web")), 4000);
    const second = pid("web");
    process.kill(second, "SIGKILL");
    await until("failing between two starts", async () => (await client.getState()).job_state === "failing");
    await until("a third process", () => pid("web") !== second && alive(pid("web")));
    await client.stop();
  });

  test("depends on: what it needs starts first and stops last; its death restarts what depends on it", async () => {
    const client = await deploy({ web: job("web", { monit: "depends on db" }), db: job("db", { start: "sleep 0.5" }) });
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    assert.deepEqual(events(), ["start db", "start web"]);
    const web = pid("web");
    process.kill(pid("db"), "SIGKILL");
    await until("web again", () => existsSync(pidfile("web")) && pid("web") !== web && alive(pid("web")));
    assert.deepEqual(events(), ["start db", "start web", "stop web", "start db", "start web"]);
    await client.stop();
    assert.deepEqual(events().slice(5), ["stop web", "stop db"]);
  });

  test("processes are followed over a restart of the agent", async () => {
    const client = await deploy({ web: job("web") });
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    const before = pid("web");
    agent().kill();
    await waitForAgent(client);
    assert.equal((await client.getState()).job_state, "running");
    assert.equal(pid("web"), before);
    assert.deepEqual(events(), ["start web"]);
    process.kill(before, "SIGKILL");
    await until("another process", () => pid("web") !== before && alive(pid("web")), 4000);
    await client.stop();
    agent().kill();
    await waitForAgent(client);
    assert.equal((await client.getState()).job_state, "stopped");
    assert.equal(existsSync(pidfile("web")), false, "a stopped service stays stopped");
  });

  test("drain unmonitors: a process that ends is left alone, and the state is failing", async () => {
    const client = await deploy({ web: job("web") });
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    await client.drain("shutdown");
    assert.equal((await client.getState()).job_state, "failing");
    process.kill(pid("web"), "SIGKILL");
    await sleep(2500);
    assert.deepEqual(events(), ["start web"]);
    await client.stop();
  });

  test("a job that does not start is failing, and the client's error names it with its log", async () => {
    const broken = { ...job("web"), "bin/ctl": `#!/bin/sh\nmkdir -p ${agent().at("sys", "log", "web")}\necho no port free >> ${agent().at("sys", "log", "web", "web.log")}\nexit 1\n` };
    const client = await deploy({ web: broken });
    await client.start();
    await assert.rejects(waitForRunning(client, { min: 300, max: 2500 }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "agent.not-running");
      assert.match(error.message, /test\/0.*'failing'.*processes not running: web/);
      assert.match(error.message, /no port free/);
      return true;
    });
    await client.stop();
  });

  test("a process that does not stop makes stop fail", async () => {
    const stubborn = job("web");
    stubborn["bin/ctl"] = stubborn["bin/ctl"].replace(/kill .*\n/, "true\n");
    stubborn.monit = stubborn.monit.replaceAll("5 seconds", "1 seconds");
    const client = await deploy({ web: stubborn });
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    await assert.rejects(client.stop(), /Stopping services '\[web\]' errored/);
    process.kill(pid("web"), "SIGKILL");
    rmSync(pidfile("web"));
    await client.stop();
  });

  test("the agent's log has a bound and keeps no secrets", async () => {
    const client = agent().client();
    const secret = "do-not-log-this";
    await client.uploadSecretBlob({ id: "s", content: Buffer.from(secret), digest: "0".repeat(40) }).catch(() => undefined);
    await client.updateSettings({ trusted_certs: secret, disk_associations: [] });
    await client.runScript("pre-start", { env: { TOKEN: secret } });
    const file = agent().at("bosh", "log", "current");
    const log = readFileSync(file, "utf8");
    assert.match(log, /update_settings/);
    for (const word of [secret, agent().password, "PRIVATE KEY", Buffer.from(secret).toString("base64")]) assert.equal(log.includes(word), false);
    writeFileSync(file, "x".repeat(2 * 1024 * 1024));
    agent().kill();
    await waitForAgent(client);
    assert.ok(statSync(file).size < 100_000);
    assert.equal(existsSync(agent().at("bosh", "log", "previous")), true);
  });

  test("shutdown answers, then ends the agent for good", async () => {
    const client = agent().client();
    await client.shutdown();
    await until("the agent's end", () => !alive(agent().pid));
    await sleep(400);
    await assert.rejects(client.ping({ deadline: 500 }), (error: Error & { code?: string }) => error.code === "agent.unreachable");
  });
}
