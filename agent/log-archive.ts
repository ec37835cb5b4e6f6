import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { remove } from "./files.ts";
import { globToRegExp } from "./glob.ts";
import type { Layout } from "./layout.ts";
import { runCommand } from "./run-command.ts";

/** Packs the logs of comma-joined types whose path below their folder matches a filter. The caller removes the file. */
export async function packLogs(types: string, filters: readonly string[], layout: Layout): Promise<string> {
  const patterns = (filters.length > 0 ? filters : ["**/*"]).map(globToRegExp);
  const sources = types.split(",").map((type) => sourceOf(type, layout));
  const archive = path.join(layout.ownTmp, `logs-${process.pid}-${Date.now()}.tgz`);
  const lists: string[] = [];
  try {
    const args = ["--ignore-failed-read", "--warning=no-file-changed", "--no-recursion", "-czf", archive];
    for (const [index, { dir, root }] of sources.entries()) {
      const files = filesBelow(dir).filter((file) => patterns.some((pattern) => pattern.test(file)));
      const list = `${archive}.${index}`;
      lists.push(list);
      const prefix = path.relative(root, dir);
      writeFileSync(list, files.map((file) => `./${path.join(prefix, file)}\0`).join(""), { mode: 0o600 });
      args.push("-C", root, "--null", "-T", list);
    }
    const { exitCode, stderr } = await runCommand("tar", args, { keepBytes: 1000 });
    // 1: a log grew while it was read.
    if (exitCode > 1) throw new Error(`Making logs tarball: tar exited with ${exitCode}: ${stderr.trim()}`);
    return archive;
  } catch (error) {
    remove(archive);
    throw error;
  } finally {
    lists.forEach(remove);
  }
}

function sourceOf(type: string, layout: Layout): { dir: string; root: string } {
  switch (type) {
    case "job":
      return { dir: layout.logs, root: layout.logs };
    case "agent":
      return { dir: layout.agentLogs, root: layout.agentLogs };
    case "system":
      return { dir: "/var/log", root: "/" };
    default:
      throw new Error("Invalid log type");
  }
}

function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();
}
