import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { PassThrough } from "node:stream";
import { clientArguments, shellWord, SshSession } from "../../../cli/day2/ssh-session.ts";
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

const sshd = ["/usr/sbin/sshd", ...(process.env["PATH"] ?? "").split(":").map((folder) => path.join(folder, "sshd")), process.env["SSHD"] ?? ""].find((file) => file !== "" && existsSync(file));
const missing = sshd === undefined ? "no sshd on this computer" : spawnSync("ssh", ["-V"]).error ? "no ssh on this computer" : false;

test("a session with a real SSH server: its key, its host's key, a program that carries the bytes, exit codes, and nothing left", { skip: missing }, async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-sshd-"));
  const user = os.userInfo().username;
  const keys = path.join(folder, "authorized");
  const port = await freePort();
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path.join(folder, "host")]);
  const config = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${folder}/host\nAuthorizedKeysFile ${keys}\nStrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\n`;
  writeFileSync(path.join(folder, "config"), config);
  // As root it wants an empty folder there.
  const empty = process.getuid!() === 0 && mkdirSync("/run/sshd", { recursive: true });
  const daemon = spawn(sshd!, ["-D", "-e", "-f", path.join(folder, "config")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  daemon.stderr.on("data", (chunk) => (said += String(chunk)));
  t.after(() => {
    daemon.kill();
    if (empty) rmSync(empty, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });
  await until(() => said.includes("Server listening"));
  const cleaned: string[] = [];
  const hostKey = readFileSync(path.join(folder, "host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  const agent = {
    setUpSsh: async (_user: string, publicKey: string) => (writeFileSync(keys, `${publicKey}\n`), { ip: "127.0.0.1", hostPublicKey: hostKey }),
    cleanUpSsh: async (pattern: string) => void cleaned.push(pattern),
  };
  const carrier = path.join(folder, "carry it.cjs");
  writeFileSync(carrier, "const [,, ip, port] = process.argv; const s = require('net').connect(Number(port), ip); process.stdin.pipe(s).pipe(process.stdout);");
  const target = { agent, label: "web/0", ip: "127.0.0.1", port, via: { kind: "command" as const, argv: [process.execPath, carrier, "%h", "%p"] } };
  const before = sessionFolders();
  const session = await SshSession.open(target, user);
  const ran = await finished(session.start(["sh", "-c", 'cat; echo "$1|$2"; exit 7', "sh", "two words", "it's $HOME"], { stdio: "pipe" }), "from here\n");
  assert.deepEqual(ran, { code: 7, stdout: "from here\ntwo words|it's $HOME\n" });
  await session.close();
  assert.deepEqual([cleaned, sessionFolders()], [[`^${user}$`], before]);

  const liar = { ...agent, setUpSsh: async (name: string, key: string) => ({ ...(await agent.setUpSsh(name, key)), hostPublicKey: readFileSync(path.join(folder, "host.pub"), "utf8").split(" ")[0] + " AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }) };
  const wrong = await SshSession.open({ ...target, agent: liar }, user);
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

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const { port } = listener.address() as { port: number };
      listener.close(() => resolve(port));
    });
  });
}

async function until(done: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !done(); await new Promise((resolve) => setTimeout(resolve, 20))) assert.ok(Date.now() < end, "the server never came up");
}

function finished(child: ChildProcess, input = ""): Promise<{ code: number | null; stdout: string }> {
  let stdout = "";
  child.stdout!.on("data", (chunk) => (stdout += String(chunk)));
  child.stdin!.end(input);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout })));
}
