import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { PassThrough } from "node:stream";
import { Server, utils } from "ssh2";
import { clientArguments, shellWord, SshSession } from "../../../cli/day2/ssh-session.ts";
import { forwardTo } from "../../../cli/day2/shell.ts";
import { withLabel } from "../../../cli/day2/labelled-lines.ts";

test("words reach the shell at the other end as they are", () => {
  for (const word of ["plain", "", "two words", "it's", "$HOME `id` \\ \"x\"", "a\nb", "%h:%p", "*", "--opt=a b", "ä"]) {
    const { stdout } = spawnSync("/bin/sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    assert.equal(stdout, word);
  }
});

test("the client goes the deployer's way, knows the host's key, and takes nothing of the user's own", () => {
  const given = { user: "bosh_1", ip: "10.0.0.5", port: 22, key: "/k", knownHosts: "/h", alias: "repave-web-0", strict: true, tty: false };
  const args = clientArguments({ ...given, via: { kind: "command", argv: ["ssh", "-W", "%h:%p", "-i", "/my keys/id", "jumpbox"] } }).join(" ");
  assert.match(args, /ProxyCommand=ssh -W %h:%p -i '\/my keys\/id' jumpbox/);
  assert.match(args, /^-F \/dev\/null .*StrictHostKeyChecking=yes.* -T bosh_1@10\.0\.0\.5$/);
  assert.ok(!clientArguments({ ...given, via: { kind: "direct" } }).join(" ").includes("ProxyCommand"));
});

test("lines of many instances stay whole", async () => {
  const stream = new PassThrough();
  let text = "";
  const done = withLabel("web/0", stream, (more) => (text += more));
  for (const chunk of ["fir", "st\nsec", "ond\n", "rest"]) stream.write(chunk);
  stream.end();
  await done;
  assert.equal(text, "web/0 | first\nweb/0 | second\nweb/0 | rest\n");
});

/** As a VM's sshd: lets in whom the agent has written down, and runs what it is told with a shell. */
async function sshServer(mayEnter: (user: string, key: Buffer) => boolean): Promise<{ port: number; hostKey: string; close(): void }> {
  const pair = utils.generateKeyPairSync("ed25519");
  const server = new Server({ hostKeys: [pair.private] }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (asked) => (asked.method === "publickey" && mayEnter(asked.username, asked.key.data) ? asked.accept() : asked.reject(["publickey"])));
    client.on("session", (accept) =>
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const child = spawn("/bin/sh", ["-c", command], { stdio: "pipe" });
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.once("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, hostKey: pair.public.split(" ").slice(0, 2).join(" "), close: () => server.close() };
}

const missing = spawnSync("ssh", ["-V"]).error ? "no SSH client on this computer" : false;

test("a session with an SSH server: its key, its host's key, a program that carries the bytes, exit codes, and nothing left", { skip: missing }, async (t) => {
  const allowed = new Map<string, string>();
  const server = await sshServer((user, key) => allowed.get(user)?.split(" ")[1] === key.toString("base64"));
  t.after(() => server.close());
  const agent = {
    setUpSsh: async (user: string, publicKey: string) => (allowed.set(user, publicKey), { ip: "10.0.0.5", hostPublicKey: server.hostKey }),
    cleanUpSsh: async (pattern: string) => {
      for (const user of allowed.keys()) if (new RegExp(pattern).test(user)) allowed.delete(user);
    },
  };
  const carrier = path.join(ownTmp, "carry it.cjs");
  writeFileSync(carrier, "const [,, ip, port] = process.argv; const s = require('net').connect(Number(port), ip); process.stdin.pipe(s).pipe(process.stdout);");
  const target = { agent, label: "web/0", ip: "127.0.0.1", port: server.port, via: { kind: "command" as const, argv: [process.execPath, carrier, "%h", "%p"] } };
  const session = await SshSession.open(target);
  assert.equal(allowed.size, 1);
  const ran = await finished(session.start(["sh", "-c", 'cat; echo "$1|$2"; exit 7', "sh", "two words", "it's $HOME"], { stdio: "pipe" }), "from here\n");
  assert.deepEqual(ran, { code: 7, stdout: "from here\ntwo words|it's $HOME\n" });
  await session.close();
  assert.deepEqual([allowed.size, sessionFolders()], [0, []]);

  const forward = await forwardTo(async (ip, port) => connect(port, ip), "127.0.0.1", server.port);
  const behind = await SshSession.open({ ...target, port: forward.port, via: { kind: "direct" } });
  assert.deepEqual(await finished(behind.start(["echo", "through"], { stdio: "pipe" })), { code: 0, stdout: "through\n" });
  await behind.close();
  forward.close();

  const other = utils.generateKeyPairSync("ed25519").public;
  const liar = { ...agent, setUpSsh: async (user: string, key: string) => ({ ...(await agent.setUpSsh(user, key)), hostPublicKey: other }) };
  const wrong = await SshSession.open({ ...target, agent: liar });
  assert.equal((await finished(wrong.start(["true"], { stdio: "pipe" }))).code, 255, "another host's key is not trusted");
  await wrong.close();
});

test("a session that the agent refuses leaves no key behind", async () => {
  const before = sessionFolders();
  const agent = { setUpSsh: () => Promise.reject(new Error("no users here")), cleanUpSsh: async () => undefined };
  await assert.rejects(SshSession.open({ agent, label: "web/0", ip: "127.0.0.1", via: { kind: "direct" } }), /no users here/);
  assert.deepEqual(sessionFolders(), before);
});

let ownTmp: string;
const outerTmp = process.env["TMPDIR"];
before(() => (process.env["TMPDIR"] = ownTmp = mkdtempSync(path.join(os.tmpdir(), "repave-ssh-test-"))));
after(() => {
  if (outerTmp === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = outerTmp;
  rmSync(ownTmp, { recursive: true, force: true });
});

function sessionFolders(): string[] {
  return readdirSync(os.tmpdir()).filter((name) => /^repave-ssh-\w{6}$/.test(name));
}

function finished(child: ChildProcess, input = ""): Promise<{ code: number | null; stdout: string }> {
  let stdout = "";
  child.stdout!.on("data", (chunk) => (stdout += String(chunk)));
  child.stdin!.end(input);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout })));
}
