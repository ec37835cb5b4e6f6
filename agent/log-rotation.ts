import { copyFile, readdir, rename, stat, truncate } from "node:fs/promises";
import path from "node:path";
import type { Layout } from "./layout.ts";
import type { AgentLog } from "./log.ts";
import type { SpecStore } from "./spec.ts";

const PERIOD_MS = 60_000;
const KEPT = 7;
const DEFAULT_LIMIT = 50 * 1024 * 1024;

/** Keeps the jobs' logs bounded, as logrotate does on a stemcell: copied aside and emptied, since their writers keep them open. */
export function startLogRotation(layout: Layout, specs: SpecStore, log: AgentLog): void {
  const turn = () =>
    rotateLogs(layout.logs, parseSize(specs.read().properties.logging?.max_log_file_size ?? ""))
      .catch((error: unknown) => log.warn("logs", error instanceof Error ? error.message : String(error)))
      .then(() => setTimeout(turn, PERIOD_MS));
  setTimeout(turn, PERIOD_MS);
}

export async function rotateLogs(dir: string, limit: number): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".log")) continue;
    const file = path.join(entry.parentPath, entry.name);
    const size = await stat(file).then((s) => s.size, () => 0);
    if (size > limit) await rotate(file);
  }
}

async function rotate(file: string): Promise<void> {
  for (let i = KEPT - 1; i >= 1; i -= 1) {
    await rename(`${file}.${i}`, `${file}.${i + 1}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await copyFile(file, `${file}.1`);
  await truncate(file);
}

/** logrotate's sizes: bytes, or with k, M, G. Anything else is the default of 50M. */
export function parseSize(text: string): number {
  const match = /^(\d+)([kMG]?)$/.exec(text);
  if (match === null) return DEFAULT_LIMIT;
  const unit = { "": 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] as "" | "k" | "M" | "G"];
  return Number(match[1]) * unit || DEFAULT_LIMIT;
}
