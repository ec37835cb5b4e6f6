import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { utils } from "ssh2";
import { newSshKeyPair } from "../../../provider/agent/index.ts";

test("key pairs are what ssh2 reads, every one of many", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const pair = newSshKeyPair();
    const key = utils.parseKey(pair.private);
    assert.ok(!(key instanceof Error), String(key));
    assert.equal(`${key.type} ${key.getPublicSSH().toString("base64")}`, pair.public);
    seen.add(pair.public);
  }
  assert.equal(seen.size, 1000);
});

test("OpenSSH reads them too", { skip: spawnSync("ssh-keygen", ["-?"]).error ? "no OpenSSH here" : false }, (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-key-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "key");
  for (let i = 0; i < 10; i++) {
    const pair = newSshKeyPair();
    writeFileSync(file, pair.private, { mode: 0o600 });
    const { stdout, stderr } = spawnSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" });
    assert.equal(stdout.trim(), pair.public, stderr);
    rmSync(file);
  }
});
