import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { makeTree, smallRelease, temporaryFolder } from "../../../support/release-tree.ts";

const root = path.resolve(__dirname, "../../../..");

function repave(cwd: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", path.join(root, "node_modules/tsx/dist/loader.mjs"), path.join(root, "cli/repave.ts"), "release", ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, REPAVE_CACHE: path.join(cwd, "cache") },
  });
  return { status, stdout, stderr };
}

test("release: create, inspect, fingerprint, compile and export from the command line", (t) => {
  const folder = temporaryFolder(t);
  makeTree(path.join(folder, "r"), smallRelease);

  const prints = repave(folder, "fingerprint", "r", "--json");
  assert.equal(prints.status, 0, prints.stderr);
  const { name, packages, license } = JSON.parse(prints.stdout) as { name: string; packages: { name: string; fingerprint: string; dependencies: string[] }[]; license: { fingerprint: string } };
  assert.equal(name, "small");
  assert.deepEqual(packages.map((p) => [p.name, p.dependencies]), [["app", ["lib"]], ["lib", []]]);
  assert.equal(license.fingerprint, "238c9ea935267d8cb7095e8f111d4a4f54d8e1898493322edd056e1af0ce76a2");

  // '--version' here is the release's, not the program's.
  const created = repave(folder, "create", "--dir", "r", "--version", "1.5", "--tarball", "((name))-((version)).tgz", "--json");
  assert.equal(created.status, 0, created.stderr);
  assert.match(created.stdout, /"1\.5"/);
  assert.ok(existsSync(path.join(folder, "small-1.5.tgz")));

  const inspected = repave(folder, "inspect", "small-1.5.tgz", "--json");
  assert.deepEqual((JSON.parse(inspected.stdout) as { jobs: { name: string; properties: string[] }[] }).jobs.map((j) => [j.name, j.properties]), [["web", ["port"]]]);

  const compile = repave(folder, "compile", "r", "ubuntu-jammy/1.1", "--cached");
  assert.equal(compile.status, 1);
  assert.match(compile.stderr, /2 packages .* not compiled .*app, lib/);
  assert.equal(repave(folder, "export", "r", "ubuntu-jammy").status, 2);
  const absent = repave(folder, "inspect", "nowhere.tgz");
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /error: Release .*nowhere.tgz does not exist \[release.absent\]/);
  assert.equal(repave(folder, "relock", "r", "--add", "x=pip:y").status, 2);
});
