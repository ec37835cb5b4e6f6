import { chmodSync, mkdirSync, rmSync, mkdtempSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** One file, link or folder of a release folder that a test makes. */
export type TreeEntry = { path: string; type: "file"; content: string; mode?: string } | { path: string; type: "symlink"; target: string } | { path: string; type: "dir" };

/** A change on top of a tree. */
export interface TreeOp {
  op: "write" | "chmod" | "rename" | "remove" | "symlink" | "mkdir";
  path: string;
  content?: string;
  mode?: string;
  to?: string;
  target?: string;
}

/** A folder that is gone when the test ends. */
export function temporaryFolder(t: TestContext, prefix = "repave-test-"): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), prefix));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function makeTree(root: string, entries: readonly TreeEntry[], ops: readonly TreeOp[] = []): void {
  for (const e of entries) {
    const at = path.join(root, e.path);
    mkdirSync(e.type === "dir" ? at : path.dirname(at), { recursive: true });
    if (e.type === "file") put(at, e.content, e.mode ?? "0644");
    else if (e.type === "symlink") symlinkSync(e.target, at);
  }
  for (const o of ops) change(root, o);
}

function change(root: string, o: TreeOp): void {
  const at = path.join(root, o.path);
  switch (o.op) {
    case "write":
      return put(at, o.content ?? "", o.mode ?? modeOf(at));
    case "chmod":
      return chmodSync(at, parseInt(o.mode as string, 8));
    case "rename":
      mkdirSync(path.dirname(path.join(root, o.to as string)), { recursive: true });
      return renameSync(at, path.join(root, o.to as string));
    case "remove":
      return rmSync(at, { recursive: true });
    case "symlink":
      mkdirSync(path.dirname(at), { recursive: true });
      return symlinkSync(o.target as string, at);
    case "mkdir":
      mkdirSync(at, { recursive: true });
  }
}

function put(at: string, content: string, mode: string): void {
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, content);
  chmodSync(at, parseInt(mode, 8));
}

function modeOf(at: string): string {
  try {
    return (statSync(at).mode & 0o7777).toString(8);
  } catch {
    return "0644";
  }
}

/** A small release with what the tests need: two packages, one depending on the other, a job and a licence. */
export const smallRelease: readonly TreeEntry[] = [
  { path: "config/final.yml", type: "file", content: "---\nname: small\nblobstore:\n  provider: local\n  options: {blobstore_path: final-blobs}\n" },
  { path: "config/blobs.yml", type: "file", content: "lib/l.tgz:\n  size: 4\n  sha: sha256:671a0d168d8e3d31819402ac7c3a3cc0abedebbf6a4cda26deacd89724bd6bdc\n" },
  { path: "blobs/lib/l.tgz", type: "file", content: "BLOB" },
  { path: "LICENSE", type: "file", content: "Apache\n" },
  { path: "packages/lib/spec", type: "file", content: "name: lib\nfiles: [lib/l.tgz]\n" },
  { path: "packages/lib/packaging", type: "file", content: "set -e\ntar xf lib/l.tgz\n" },
  { path: "packages/app/spec", type: "file", content: "name: app\ndependencies: [lib]\nfiles: ['app/**/*']\n" },
  { path: "packages/app/packaging", type: "file", content: "set -e\n", mode: "0755" },
  { path: "src/app/main.go", type: "file", content: "main\n" },
  { path: "src/app/run.sh", type: "file", content: "#!/bin/sh\n", mode: "0775" },
  { path: "src/app/link", type: "symlink", target: "main.go" },
  { path: "src/app/sub/.hidden", type: "file", content: "x" },
  { path: "jobs/web/spec", type: "file", content: '---\nname: web\ntemplates:\n  bin/ctl.erb: bin/ctl\n  cfg.yml: config/cfg.yml\npackages: [app]\nproperties:\n  port: {default: 80}\n' },
  { path: "jobs/web/monit", type: "file", content: "check process web\n" },
  { path: "jobs/web/templates/bin/ctl.erb", type: "file", content: "#!/bin/bash\n", mode: "0755" },
  { path: "jobs/web/templates/cfg.yml", type: "file", content: 'a: <%= p("port") %>\n' },
];
