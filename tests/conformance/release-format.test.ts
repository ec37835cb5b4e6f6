import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "../../director/core/errors.ts";
import type { Release } from "../../director/release/model.ts";
import { LocalBlobstore } from "../../provider/blobstore/index.ts";
import { packageLimits } from "../../provider/release/archive-limits.ts";
import { readReleaseFolder } from "../../provider/release/index.ts";
import { readTar } from "../../provider/release/read-tar.ts";
import { storedArchive } from "../../provider/release/source-archive.ts";
import { makeTree, temporaryFolder, type TreeEntry, type TreeOp } from "../support/release-tree.ts";

const root = path.resolve(__dirname, "../..", process.env.REPAVE_SHARED ?? "../shared", "conformance/release-format");
const there = existsSync(root);
const cases = there ? readdirSync(path.join(root, "cases")).sort() : [];

interface ExpectedEntry {
  path: string;
  type: "file" | "dir" | "symlink";
  mode?: string;
  target?: string;
  sha256?: string;
}

interface Case {
  ops: TreeOp[];
  expect: {
    exit: number;
    error_contains?: string[];
    release?: { name: string; jobs: Named[]; packages: Named[]; license: { fingerprint: string } | null; commit_hash: string; no_compression: boolean };
    archives?: Record<string, ExpectedEntry[]>;
  };
}

interface Named {
  name: string;
  fingerprint: string;
  packages?: string[];
  dependencies?: string[];
}

const flat = (text: string): string => text.replace(/\s+/g, " ");

test("release-format conformance cases are there", { skip: there ? false : `no conformance cases at ${root}` }, () => assert.ok(cases.length > 50));

for (const name of cases) {
  test(`release-format/${name}`, async (t) => {
    const { ops, expect } = JSON.parse(readFileSync(path.join(root, "cases", name, "case.json"), "utf8")) as Case;
    const folder = temporaryFolder(t);
    const dir = path.join(folder, "sample-release");
    makeTree(dir, (JSON.parse(readFileSync(path.join(root, "base-tree.json"), "utf8")) as { entries: TreeEntry[] }).entries, ops);
    if (expect.exit !== 0) {
      await assert.rejects(readReleaseFolder(dir), (error) => (expect.error_contains ?? []).every((s) => flat(messageOf(error)).includes(flat(s))));
      return;
    }
    const release = await readReleaseFolder(dir);
    assert.deepEqual(summary(release), {
      name: expect.release?.name,
      commit: expect.release?.commit_hash,
      noCompression: expect.release?.no_compression,
      jobs: expect.release?.jobs.map((j) => [j.name, j.fingerprint, [...(j.packages ?? [])]]),
      packages: expect.release?.packages.map((p) => [p.name, p.fingerprint, [...(p.dependencies ?? [])]]),
      license: expect.release?.license?.fingerprint,
    });
    const store = new LocalBlobstore(path.join(folder, "store"));
    for (const [member, entries] of Object.entries(expect.archives ?? {})) {
      assert.deepEqual(await archiveEntries(release, member, store), entries.map(expected), `${name}: ${member}`);
    }
  });
}

function summary(release: Release): unknown {
  return {
    name: release.name,
    commit: release.commitHash,
    noCompression: release.noCompression,
    jobs: release.jobs.map((j) => [j.name, j.fingerprint, [...j.packages]]),
    packages: release.packages.map((p) => [p.name, p.fingerprint, [...p.dependencies]]),
    license: release.license?.fingerprint,
  };
}

/** Modes of folders are those of whoever checked the sources out in the oracle; ours are 0755, so that archives are the same everywhere. */
function expected(entry: ExpectedEntry): ExpectedEntry {
  return entry.type === "dir" ? { ...entry, mode: "0755" } : entry;
}

async function archiveEntries(release: Release, member: string, store: LocalBlobstore): Promise<ExpectedEntry[]> {
  const [, kind, name] = /^(?:(jobs|packages)\/)?(.+)\.tgz$/.exec(member) as unknown as [string, string | undefined, string];
  const part = kind === "jobs" ? release.jobs.find((j) => j.name === name) : kind === "packages" ? release.packages.find((p) => p.name === name) : release.license;
  assert.ok(part, `${member} is there`);
  const { path: file } = await storedArchive(part.archive, member, `test/${part.fingerprint}`, { store });
  const found: ExpectedEntry[] = [];
  await readTar(file, { noun: member, limits: packageLimits, links: true }, async (entry) => {
    const hash = createHash("sha256");
    for await (const chunk of entry.content) hash.update(chunk);
    const mode = `0${entry.mode.toString(8)}`;
    if (entry.path === "") return;
    if (entry.type === "symlink") found.push({ path: entry.path, type: "symlink", target: entry.target });
    else if (entry.type === "directory") found.push({ path: entry.path, type: "dir", mode });
    else found.push({ path: entry.path, type: "file", mode, sha256: hash.digest("hex") });
  });
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
