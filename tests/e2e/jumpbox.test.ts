import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import net from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Connection, Server, utils } from "ssh2";
import { openAgent } from "../../provider/agents.ts";
import { dialThrough } from "../../provider/jumpbox.ts";
import type { AgentAccess } from "../../provider/resources/connection.ts";
import { makeAuthority } from "../support/agent-certificates.ts";
import { embeddedAgent, freePort, RunningAgent } from "../support/agent-process.ts";

let built: Awaited<ReturnType<typeof embeddedAgent>>;
let jumpbox: RunningAgent;
let target: RunningAgent;
let ssh: Server;
let sshPort: number;
const clients = new Set<Connection>();
let logins = 0;

/** As the jumpbox's own sshd: it lets in whom the agent has written down. */
function mayEnter(user: string, key: Buffer): boolean {
  const file = jumpbox.at("bosh_ssh", user, ".ssh", "authorized_keys");
  return existsSync(file) && readFileSync(file, "utf8").trim().split(" ")[1] === key.toString("base64");
}

before(async () => {
  built = await embeddedAgent();
  const authority = await makeAuthority();
  [jumpbox, target] = [await RunningAgent.start(built.program, { authority }), await RunningAgent.start(built.program, { authority })];
  ssh = new Server({ hostKeys: [utils.generateKeyPairSync("ed25519").private] }, (client) => {
    clients.add(client);
    client.on("authentication", (ask) => {
      if (ask.method !== "publickey" || !mayEnter(ask.username, ask.key.data)) return ask.reject(["publickey"]);
      if (ask.signature) logins++;
      ask.accept();
    });
    client.on("ready", () => {
      client.on("tcpip", (accept, reject, { destIP, destPort }) => {
        const there = net.connect(destPort, destIP);
        there.once("error", () => reject());
        there.once("connect", () => {
          const channel = accept();
          there.pipe(channel).pipe(there);
          there.on("error", () => channel.close());
          channel.on("error", () => there.destroy());
        });
      });
    });
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
  });
  ssh.listen(0, "127.0.0.1");
  await once(ssh, "listening");
  sshPort = (ssh.address() as net.AddressInfo).port;
});

after(async () => {
  ssh?.close();
  await jumpbox?.remove();
  await target?.remove();
  built?.remove();
});

async function allGone(): Promise<void> {
  for (const until = Date.now() + 20_000; clients.size > 0 || readdirSync(jumpbox.at("bosh_ssh")).length > 0; await pause(100)) assert.ok(Date.now() < until, "the session or its user stays");
}

function through(changes: Partial<AgentAccess> = {}): AgentAccess {
  const via = { kind: "jumpbox" as const, ip: "127.0.0.1", agentId: jumpbox.agentId, password: jumpbox.password, agentPort: jumpbox.port, sshPort };
  return { via, ip: "127.0.0.1", port: target.port, agentId: target.agentId, password: target.password, ca: target.authority.ca, ...changes };
}

test("agents behind a jumpbox are reached over one session, whose user and key go with it", async () => {
  const agents = Array.from({ length: 5 }, (_, i) => openAgent("", through(), `target/${i}`));
  const answers = await Promise.all(agents.map((agent) => agent.ping()));
  assert.equal(answers.length, 5);
  assert.deepEqual([clients.size, logins], [1, 1]);
  assert.deepEqual(readdirSync(jumpbox.at("bosh_ssh")).length, 1);
  for (const agent of agents) agent.close();
  await allGone();
});

test("a connection that is given up with data on the way does not keep the session", async (t) => {
  const talker = net.createServer((socket) => void socket.on("error", () => undefined).write(Buffer.alloc(1 << 20)));
  talker.listen(0, "127.0.0.1");
  await once(talker, "listening");
  t.after(() => talker.close());
  const { via, ca } = through();
  assert.ok(via.kind === "jumpbox");
  const stream = await dialThrough({ ...via, ca }, "127.0.0.1", (talker.address() as net.AddressInfo).port);
  await once(stream, "readable");
  stream.destroy();
  await allGone();
});

test("a session that breaks is opened anew", async () => {
  const agent = openAgent("", through(), "target/0");
  await agent.ping();
  const before = logins;
  for (const client of clients) client.end();
  await agent.ping();
  assert.equal(logins, before + 1);
  agent.close();
});

test("what the jumpbox does not reach, or lets nobody through to, is said", async () => {
  const absent = openAgent("", through({ port: await freePort() }), "target/0");
  await assert.rejects(absent.ping({ deadline: 3000 }), /the jumpbox does not reach 127\.0\.0\.1:\d+/);
  absent.close();
  const { via } = through();
  const stranger = openAgent("", through({ via: { ...via, password: "wrong" } as AgentAccess["via"] }), "target/0");
  // The good session may still be open.
  for (const until = Date.now() + 20_000; clients.size > 0; await pause(100)) assert.ok(Date.now() < until, "the session stays");
  await assert.rejects(stranger.ping({ deadline: 3000 }), /the jumpbox 127\.0\.0\.1 lets nobody through: .*refuses the user or password/);
  stranger.close();
});
