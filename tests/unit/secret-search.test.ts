import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { keysInFiles, searchFiles, searchRecentFiles, secretsIn, secretsOfStack } from "../support/secret-search.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "repave-search-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const secrets = new Map([["password", "cb54lqnqpf2978kdc3og"], ["key", pem]]);

function write(name: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), content, { mode });
}

test("secrets are found in files, in JSON, in base64 and in compressed files", () => {
  write("plain", "password=cb54lqnqpf2978kdc3og\n");
  write("deep/state.json", JSON.stringify({ pem }), 0o644);
  write("deep/encoded", Buffer.from("cb54lqnqpf2978kdc3og").toString("base64"));
  write("packed", gzipSync(`some text ${pem}`));
  write("clean", "nothing");
  const found = searchFiles(folder, secrets).map((f) => [path.relative(folder, f.file), f.secrets, f.open]);
  assert.deepEqual(found.sort(), [["deep/encoded", ["password"], false], ["deep/state.json", ["key"], true], ["packed", ["key"], false], ["plain", ["password"], false]]);
  assert.equal(searchRecentFiles(folder, Date.now() - 60_000, path.join(folder, "deep"), secrets).length, 2);
  assert.equal(searchRecentFiles(folder, Date.now() + 60_000, "", secrets).length, 0);
  assert.deepEqual([...keysInFiles(folder).values()].map((key) => secretsIn(key, secrets)), [["key"]]);
});

test("the secrets of a stack are its passwords and private keys, not what stands beside them", () => {
  const mark = "4dabf18193072939515e22adb298388d";
  const secret = (value: unknown) => ({ [mark]: "1b47061264138c4ac30d75fd1eb44270", plaintext: JSON.stringify(value) });
  const outputs = { value: secret({ private_key: "the key", certificate: "known" }), access: secret({ via: { kind: "local" }, password: "the password" }), name: "known" };
  const exported = JSON.stringify({ deployment: { resources: [{ urn: "urn:pulumi:s::p::repave:index:Thing::one", outputs }] } });
  assert.deepEqual([...secretsOfStack(exported).values()], ["the key", "the password"]);
});
