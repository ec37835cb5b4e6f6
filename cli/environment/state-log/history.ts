import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { StackFiles } from "./files.ts";

export interface FinishedUpdate {
  kind: string;
  started: Date;
  ended: Date;
  succeeded: boolean;
  changes: Record<string, number>;
}

/** Adds an update to the engine's own history of the stack. */
export function addToHistory(files: StackFiles, stack: string, update: FinishedUpdate): void {
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
  const record = {
    kind: update.kind,
    startTime: seconds(update.started),
    message: "",
    environment: {},
    config: {},
    version: 0,
    result: update.succeeded ? "succeeded" : "failed",
    endTime: seconds(update.ended),
    resourceChanges: update.changes,
  };
  mkdirSync(files.history, { recursive: true, mode: 0o700 });
  const prefix = path.join(files.history, `${stack}-${BigInt(update.ended.getTime()) * 1_000_000n}`);
  writeFileSync(`${prefix}.history.json`, JSON.stringify(record), { mode: 0o600 });
  copyFileSync(files.checkpoint, `${prefix}.checkpoint.json`);
}
