import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { RepaveError } from "../../director/core/errors.ts";
import type { ApplySpec } from "../../director/protocol/index.ts";
import { AgentClient, type AgentClientOptions, waitForAgent, waitForRunning, watchSchedule } from "../../provider/agent/index.ts";
import { makeAuthority } from "../support/agent-certificates.ts";
import { freePort } from "../support/agent-process.ts";
import { type Script, scriptedAgent } from "../support/scripted-agent.ts";

const SECRET = "pa55word-of-the-agent";

async function setUp(t: TestContext, script: Script, options: Partial<AgentClientOptions> = {}) {
  const agent = await scriptedAgent("agent-1", script);
  const client = new AgentClient({
    instance: "web/0",
    address: { ip: "127.0.0.1", port: agent.port },
    user: "mbus",
    password: SECRET,
    ca: agent.authority.ca,
    serverName: "agent-1",
    ...options,
  });
  t.after(async () => {
    client.close();
    await agent.close();
  });
  return { agent, client };
}

const code = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof RepaveError, String(error));
  assert.equal(error.code, expected);
  assert.match(error.message, /web\/0/);
  assert.equal(JSON.stringify([error.message, error.details, error.hint, String(error.cause)]).includes(SECRET), false);
  return true;
};

const spec = (changes: Partial<ApplySpec> = {}): ApplySpec => ({
  deployment: "d",
  name: "web",
  index: 0,
  id: "i",
  az: "z1",
  job: { name: "web", templates: [{ name: "web", version: "1" }] },
  packages: {},
  networks: { default: {} },
  persistent_disk: 0,
  configuration_hash: "h",
  rendered_templates_archive: { blobstore_id: "b", sha1: "a".repeat(40) },
  ...changes,
});

test("one connection serves many calls", async (t) => {
  const { agent, client } = await setUp(t, () => ({ value: "pong" }));
  for (let i = 0; i < 20; i += 1) await client.ping();
  assert.equal(agent.connections(), 1);
});

test("an exception is final and carries the agent's words", async (t) => {
  const { agent, client } = await setUp(t, () => ({ exception: { message: "Action Failed sync_dns: no such blob" } }));
  await assert.rejects(client.syncDns("b", "d", 1), (error) => code("agent.failed")(error) && /sync_dns: no such blob/.test((error as Error).message));
  assert.equal(agent.calls.length, 1);
});

test("HTTP 5xx and dropped connections are tried again", async (t) => {
  let turn = 0;
  const { agent, client } = await setUp(t, (_call, response, request) => {
    turn += 1;
    if (turn === 1) response.writeHead(503).end("later");
    else if (turn === 2) request.socket.destroy();
    else return { value: "pong" };
  });
  await client.ping();
  assert.equal(agent.calls.length, 3);
});

test("a wrong certificate ends every wait at once: other CA, other name", async (t) => {
  const other = await makeAuthority();
  for (const options of [{ ca: other.ca }, { serverName: "agent-2" }]) {
    const { agent, client } = await setUp(t, () => ({ value: "pong" }), options);
    const before = Date.now();
    await assert.rejects(waitForAgent(client, { deadline: 20_000 }), code("agent.certificate"));
    assert.ok(Date.now() - before < 5000);
    assert.deepEqual(agent.calls, [], "nothing was sent, the password least of all");
  }
});

test("a refused password ends the wait at once", async (t) => {
  const { client } = await setUp(t, (_call, response) => void response.writeHead(401).end());
  await assert.rejects(waitForAgent(client, { deadline: 20_000 }), code("agent.unauthorized"));
});

test("waiting for an agent ends with its deadline, and with its signal", async () => {
  const { ca } = await makeAuthority();
  const client = new AgentClient({ instance: "web/0", address: { ip: "127.0.0.1", port: await freePort() }, user: "u", password: SECRET, ca });
  await assert.rejects(waitForAgent(client, { deadline: 600, interval: 50 }), code("agent.unreachable"));
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("stop it")), 100);
  await assert.rejects(waitForAgent(client, { signal: abort.signal }), /stop it/);
});

test("tasks of one client run one after another, with other calls beside them", async (t) => {
  const running = new Set<string>();
  let most = 0;
  const { client } = await setUp(t, ({ method, args }) => {
    if (method === "ping") return { value: "pong" };
    if (method === "get_task") {
      running.delete(String(args[0]));
      return { value: "prepared" };
    }
    running.add(method + running.size);
    most = Math.max(most, running.size);
    return { value: { agent_task_id: [...running].at(-1), state: "running" } };
  });
  await Promise.all([client.prepare(spec()), client.apply(spec()), client.ping(), client.runScript("pre-start")]);
  assert.equal(most, 1);
});

test("a silent agent ends a call by the step's deadline", async (t) => {
  const { client } = await setUp(t, () => undefined, { deadlines: { query: 300 } });
  await assert.rejects(client.getState(), code("agent.unreachable"));
});

test("a task that never ends is given up at the step's deadline", async (t) => {
  const { client } = await setUp(t, () => ({ value: { agent_task_id: "t", state: "running" } }), { deadlines: { apply: 300 } });
  await assert.rejects(client.apply(spec()), code("agent.timeout"));
});

test("what must not run twice is not sent again after it may have arrived", async (t) => {
  const { agent, client } = await setUp(t, ({ method }, _response, request) => {
    if (method === "ping") return { value: "pong" };
    request.socket.destroy();
  });
  await assert.rejects(client.runErrand("smoke"), code("agent.no-answer"));
  await assert.rejects(client.migrateDisk(), code("agent.no-answer"));
  assert.deepEqual(agent.calls, ["ping", "run_errand", "ping", "migrate_disk"]);
});

test("a VM that is gone before it has answered is shut down all the same", async (t) => {
  const { agent, client } = await setUp(t, ({ method }, _response, request) => {
    if (method === "ping") return { value: "pong" };
    request.socket.destroy();
  });
  await client.shutdown();
  assert.deepEqual(agent.calls, ["ping", "shutdown"]);
});

test("an aborted drain is canceled at the agent", async (t) => {
  const abort = new AbortController();
  const { agent, client } = await setUp(t, ({ method }) => {
    // The task is known by then.
    if (method === "get_task") setImmediate(() => abort.abort(new Error("enough")));
    return { value: method === "cancel_task" ? "canceled" : { agent_task_id: "t", state: "running" } };
  });
  await assert.rejects(client.drain("shutdown", undefined, { signal: abort.signal }), /enough/);
  assert.equal(agent.calls.at(-1), "cancel_task");
});

test("a dial of one's own carries the calls, here over a unix socket", async (t) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "repave-dial-"));
  const socketPath = path.join(dir, "gateway");
  const dialed: string[] = [];
  const { agent, client } = await setUp(t, () => ({ value: "pong" }), {
    address: { ip: "10.9.8.7", port: 6868 },
    dial: (ip, port) => {
      dialed.push(`${ip}:${port}`);
      return new Promise((resolve, reject) => {
        const socket = net.connect(socketPath, () => resolve(socket));
        socket.once("error", reject);
      });
    },
  });
  const gateway = net.createServer((inner) => {
    const outer = net.connect(agent.port, "127.0.0.1");
    inner.pipe(outer).pipe(inner);
    for (const end of [inner, outer]) end.on("error", () => (inner.destroy(), outer.destroy()));
  });
  await new Promise<void>((resolve) => gateway.listen(socketPath, resolve));
  t.after(() => {
    gateway.close();
    rmSync(dir, { recursive: true });
  });
  await client.ping();
  await client.ping();
  assert.deepEqual(dialed, ["10.9.8.7:6868"]);
});

test("bad requests are refused before they are sent, each with all its faults", async (t) => {
  const { agent, client } = await setUp(t, () => ({ value: "x" }), { networks: ["default"] });
  const empty = { name: "p", version: "", blobstore_id: "b", sha1: "zz" };
  await assert.rejects(client.apply(spec({ packages: { q: empty } })), (error: Error) => {
    code("agent.invalid-request")(error);
    for (const fault of [/packages\.q\.version must not be empty/, /packages\.q\.sha1 is not a digest/]) assert.match(error.message, fault);
    return true;
  });
  await assert.rejects(client.apply(spec({ networks: { other: {} } })), /'other' are not networks of the VM/);
  await assert.rejects(client.apply(spec({ rendered_templates_archive: null })), /would drop every job/);
  await assert.rejects(client.drain("status" as "update"), code("agent.invalid-request"));
  await assert.rejects(client.drain("update"), code("agent.invalid-request"));
  const [a, b] = [await agent.authority.issue("x"), await agent.authority.issue("x")];
  const update = (cert: { ca: string; certificate: string; private_key: string }, urls?: string[]) =>
    client.updateSettings({ trusted_certs: "", disk_associations: [], mbus: { urls, cert } });
  const urls = ["https://u:p@0.0.0.0:1"];
  const mixed = { ca: agent.authority.ca, certificate: a.certificate, private_key: b.private_key };
  await assert.rejects(update(mixed, urls), /the key does not belong to the certificate/);
  await assert.rejects(update({ ...mixed, ca: "" }, urls), /would ignore the pair/);
  await assert.rejects(update({ ca: "x", ...a }), /first password/);
  assert.deepEqual(agent.calls, []);
});

test("an answer of another shape is named", async (t) => {
  const answers: unknown[] = [{ value: { nothing: true } }, { neither: 1 }, [1]];
  const { client } = await setUp(t, () => answers.shift());
  await assert.rejects(client.getState(), code("agent.protocol"));
  await assert.rejects(client.getState(), code("agent.protocol"));
  await assert.rejects(client.getState(), code("agent.protocol"));
});

test("blobs are put and read at their hashed path, and tried again", async (t) => {
  let turn = 0;
  const { agent, client } = await setUp(t, (_call, response) => {
    turn += 1;
    response.writeHead(turn === 1 ? 500 : turn === 2 ? 201 : 404).end();
  });
  await client.putBlob("some id", Buffer.from("x"));
  await assert.rejects(client.readBlob("absent"), code("agent.blob-missing"));
  assert.match(agent.calls[0]!, /^PUT \/blobs\/[0-9a-f]{2}\/some%20id$/);
  assert.equal(agent.calls[0], agent.calls[1]);
});

test("the looks at an instance are spread as the Director does", () => {
  assert.deepEqual(watchSchedule({ min: 30_000, max: 1_200_000 }), { first: 30_000, step: 15_000, further: 78 });
  assert.deepEqual(watchSchedule({ min: 1000, max: 5000 }), { first: 1000, step: 1000, further: 4 });
  assert.deepEqual(watchSchedule({ min: 0, max: 0 }), { first: 0, step: 1000, further: 0 });
});

const stateOf = (job_state: string, ...uptimes: number[]) => ({
  value: { agent_id: "a", job_state, vm: {}, job: { name: null, templates: null }, configuration_hash: "", ...(uptimes.length > 0 ? { processes: uptimes.map((secs, i) => ({ name: `p${i}`, state: job_state, uptime: { secs } })) } : {}) },
});

test("waiting for running tolerates an agent that fails in between, and sees the state that counts", async (t) => {
  const answers = [stateOf("starting"), { exception: { message: "Getting processes status" } }, stateOf("running")];
  const { client } = await setUp(t, () => answers.shift());
  const seen: string[] = [];
  const result = await waitForRunning(client, { min: 0, max: 3000 }, { onState: (s) => seen.push(s.job_state) });
  assert.equal(result.job_state, "running");
  assert.deepEqual(seen, ["starting", "running"]);
});

test("an instance is healthy after three good answers in a row, even if its time is over meanwhile", async (t) => {
  const answers = [stateOf("running", 1), stateOf("failing", 0), stateOf("running", 1), stateOf("running", 2), stateOf("running", 3)];
  const { client } = await setUp(t, () => answers.shift());
  const seen: string[] = [];
  await waitForRunning(client, { min: 0, max: 2000 }, { onState: (s) => seen.push(s.job_state) });
  assert.deepEqual(seen, ["running", "failing", "running", "running", "running"]);
});

test("a process that always looks well but is started again and again is not healthy, and the error names it", async (t) => {
  let asked = 0;
  const { client } = await setUp(t, () => (asked++ % 2 === 0 ? stateOf("running", 9, 1) : asked > 5 ? stateOf("failing", 9, 0) : stateOf("running", 9, 0)));
  await assert.rejects(waitForRunning(client, { min: 0, max: 3000 }), (error: unknown) => {
    assert.ok(error instanceof RepaveError);
    assert.equal(error.code, "agent.not-running");
    assert.match(error.message, /started again and again: p1/);
    return true;
  });
});
