import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openSession } from "../../cli/environment/session.ts";
import { exportStack, instancesOf } from "../../cli/environment/state.ts";
import { openAgent } from "../../provider/agents.ts";
import type { AgentAccess } from "../../provider/resources/connection.ts";
import { TestPlatform } from "../support/platform/index.ts";
import { runAndKill } from "../support/platform/kill.ts";

const platform = new TestPlatform("rotation-agents");
const printed: string[] = [];
const known: AgentAccess[] = [];
const instances = ["api/0", "api/1"];

before(async () => {
  platform.deploy([{ name: "api", instances: 2 }]);
  await succeeds("up");
});
after(() => platform.close());

test("the agents' CA is rotated in place, also after a kill in phase 2: same VMs, same processes", async () => {
  const old = await accesses();
  const [vms, pids] = [await cids(), await processes()];
  const killed = await runAndKill(platform, ["rotate", "agent_ca"], { victim: "all", afterMs: 300, from: /phase 2 of 3[\s\S]*new credentials for its agent/ });
  printed.push(killed.text);
  assert.ok(killed.killed, killed.text);
  await succeeds("rotate", "agent_ca");

  assert.deepEqual(await cids(), vms, "no VM was replaced");
  assert.deepEqual(await processes(), pids, "no job was restarted");
  const fresh = await accesses();
  for (const [i, access] of fresh.entries()) {
    assert.notEqual(access.password, old[i]!.password);
    assert.equal(access.ca.match(/BEGIN/g)?.length, 1);
    assert.equal(await answer(access), "pong");
    assert.equal(await answer({ ...access, password: old[i]!.password }), "agent.unauthorized");
    assert.equal(await answer({ ...access, ca: old[i]!.ca }), "agent.certificate");
  }
  await succeeds("up", "--expect-no-changes");
});

test("turned back in phase 2, the agents have credentials of the old CA", async () => {
  const old = await accesses();
  const pids = await processes();
  const killed = await runAndKill(platform, ["rotate", "agent_ca"], { victim: "all", afterMs: 300, from: /phase 2 of 3[\s\S]*new credentials for its agent/ });
  printed.push(killed.text);
  assert.ok(killed.killed, killed.text);
  await succeeds("rotate", "--abort");
  const back = await accesses();
  for (const [i, access] of back.entries()) {
    assert.equal(access.ca, old[i]!.ca);
    assert.equal(await answer(access), "pong");
  }
  assert.deepEqual(await processes(), pids, "no job was restarted");
  await succeeds("repave", "api/0");
  await succeeds("up", "--expect-no-changes");
});

test("no secret was printed", () => {
  const secrets = new Set(known.map((access) => access.password));
  assert.ok(secrets.size >= 4);
  for (const text of printed) for (const secret of secrets) assert.ok(!text.includes(secret), "a password is in what a command printed");
});

async function succeeds(...args: string[]) {
  const finished = await platform.run(args);
  printed.push(finished.text);
  assert.equal(finished.code, 0, finished.text);
  return finished;
}

/** How the state says that the agents are reached. */
async function accesses(): Promise<AgentAccess[]> {
  const session = openSession(platform.environment, { cwd: platform.folder, env: { ...process.env, REPAVE_HOME: platform.home } });
  const found = instancesOf(await exportStack(session, { secrets: true })).map((instance) => instance.access);
  known.push(...found);
  return found;
}

async function answer(access: AgentAccess): Promise<string> {
  const agent = openAgent(platform.home, access, "api");
  try {
    await agent.ping({ deadline: 5_000 });
    return "pong";
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    agent.close();
  }
}

const cids = async (): Promise<string[]> => (await platform.instances()).map((row) => row.vm);

function processes(): Promise<string[]> {
  return Promise.all(
    instances.map(async (instance) => {
      const { code, stdout, text } = await platform.run(["ssh", instance, "--", "cat", "/var/vcap/sys/run/sleeper/sleeper.pid"]);
      assert.equal(code, 0, text);
      return stdout.trim();
    }),
  );
}
