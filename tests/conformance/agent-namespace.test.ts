import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitForAgent, waitForRunning } from "../../provider/agent/index.ts";
import { uploadSpec } from "../support/agent-archives.ts";
import { type AgentProgram, embeddedAgent, RunningAgent } from "../support/agent-process.ts";

const UNSHARE = ["--user", "--map-root-user", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];

const possible = spawnSync("unshare", [...UNSHARE, "true"], { encoding: "utf8" });
const skip = possible.status === 0 ? false : `no user namespace can be made here: ${(possible.stderr || String(possible.error)).trim()}`;

/** The agent as a local VM runs it: the only uid of its namespaces, below an init that starts it again. */
function inNamespaces(program: AgentProgram): AgentProgram {
  return {
    ...program,
    command(base) {
      const { file, args, env } = program.command(base);
      const init = 'while :; do "$@"; [ $? = 100 ] && exit 100; sleep 0.1; done';
      return { file: "unshare", args: [...UNSHARE, "sh", "-c", init, "init", file, ...args, "--disk-mode", "bind"], env };
    },
  };
}

describe("embedded agent in namespaces of its own, with one uid", { skip }, () => {
  let built: Awaited<ReturnType<typeof embeddedAgent>>;
  let agent: RunningAgent;
  before(async () => {
    built = await embeddedAgent();
    agent = await RunningAgent.start(inNamespaces(built.program));
  });
  after(async () => {
    await agent?.remove();
    built?.remove();
  });

  const agentPid = () => Number(execFileSync("pgrep", ["-f", `${process.execPath}.*-b ${agent.base}`], { encoding: "utf8" }).trim().split("\n").at(-1));
  const mounts = () => readFileSync(`/proc/${agentPid()}/mountinfo`, "utf8").split("\n").map((line) => line.split(" ")[4]);

  const attach = async (cid: string) => {
    mkdirSync(agent.at("devices", cid), { recursive: true });
    await agent.client().addPersistentDisk(cid, "");
  };

  test("a disk is bound to store, migrated with its links and modes, and unmounted once nobody uses it", async () => {
    const client = agent.client();
    await attach("old");
    await client.mountDisk("old");
    assert.ok(mounts().includes(agent.at("store")));
    writeFileSync(agent.at("devices", "old", "rows"), "42", { mode: 0o600 });
    execFileSync("ln", ["-s", "rows", agent.at("devices", "old", "link")]);
    execFileSync("truncate", ["-s", "1G", agent.at("devices", "old", "sparse")]);
    await attach("new");
    await client.mountDisk("new");
    assert.deepEqual(await client.listDisks(), ["old", "new"]);
    await client.migrateDisk();
    assert.deepEqual(await client.listDisks(), ["new"]);
    assert.equal(readFileSync(agent.at("devices", "new", "link"), "utf8"), "42");
    assert.ok(Number(execFileSync("du", ["-sk", agent.at("devices", "new")], { encoding: "utf8" }).split("\t")[0]) < 1024, "holes stay holes");
    assert.equal((await client.getState({ full: true })).vitals?.disk?.persistent?.percent?.length! > 0, true);
    await client.removePersistentDisk("old");
    const hold = '#!/bin/sh\nsleep 2 > /dev/null < "$1/store/rows" &\n';
    await client.apply(await uploadSpec(client, { jobs: { holder: { "bin/hold": hold.replace("$1", agent.base) } } }));
    await client.runScript("hold");
    const started = Date.now();
    await client.unmountDisk("new");
    assert.ok(Date.now() - started > 500, "an open file delays the unmount");
    assert.equal(mounts().includes(agent.at("store")), false);
    await client.mountDisk("new");
  });

  test("after a reboot of the VM the disk is mounted, old pidfiles are void, and the jobs start again", async () => {
    const client = agent.client();
    const pidfile = agent.at("sys", "run", "web", "web.pid");
    const ctl = `#!/bin/sh\necho start >> ${agent.at("starts")}\nsetsid sh -c 'echo $$ > ${pidfile}; exec sleep 1000' ${agent.base} </dev/null >/dev/null 2>&1 &\n`;
    const monit = `check process web with pidfile ${pidfile}
  start program "${agent.at("jobs/web/bin/ctl")}" as uid vcap
  stop program "/bin/sh -c 'kill $(cat ${pidfile})'"
  group vcap\n`;
    await client.apply(await uploadSpec(client, { jobs: { web: { monit, "bin/ctl": ctl } } }));
    await client.start();
    await waitForRunning(client, { min: 0, max: 9000 });
    // Small numbers live again in a fresh namespace: this will be the agent itself.
    writeFileSync(pidfile, "2");
    agent.kill();
    await sleep(300);
    await waitForAgent(client);
    await waitForRunning(client, { min: 0, max: 9000 });
    assert.deepEqual(await client.listDisks(), ["new"]);
    assert.equal(readFileSync(agent.at("starts"), "utf8"), "start\nstart\n");
    await client.stop();
  });

  test("an idle agent is small", async () => {
    await sleep(500);
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${agentPid()}/status`, "utf8"))?.[1]);
    assert.ok(rss <= 60 * 1024, `${rss} kB resident`);
  });

  test("shutdown ends the VM", async () => {
    const { pid } = agent;
    await agent.client().shutdown();
    for (let i = 0; i < 60 && existsSync(`/proc/${pid}`); i += 1) await sleep(50);
    assert.equal(existsSync(`/proc/${pid}`), false);
  });
});
