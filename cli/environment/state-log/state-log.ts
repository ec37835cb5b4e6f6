import { createHash } from "node:crypto";
import { closeSync, copyFileSync, existsSync, fstatSync, ftruncateSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { RepaveError } from "../../../director/core/errors.ts";
import { checkpointText, readCheckpoint, replaceFile } from "./checkpoint.ts";
import { type Entry, entrySchema } from "./entry.ts";
import type { StackFiles } from "./files.ts";
import { type Replayed, replay } from "./replay.ts";

const headSchema = z.object({ version: z.literal(1), update: z.string(), engine: z.string(), base: z.string() });
/** Written before the checkpoint is replaced: with a checkpoint of this digest the log has done its work. */
const settledSchema = z.object({ settled: z.string() });

type Head = z.infer<typeof headSchema>;

interface Logged {
  head: Head;
  entries: Entry[];
  settled: string[];
}

/**
 * What an update does to the state, appended step by step. The engine's file backend writes the whole state twice a step; this writes
 * what the step changed, and the whole state once, at the end.
 */
export class StateLog {
  readonly #files: StackFiles;
  readonly #log: number;
  readonly #head: Head;
  readonly #entries: Entry[] = [];

  /** Begins an update. Its caller holds the stack's lock and has settled what an earlier update left. */
  constructor(files: StackFiles, update: { id: string; engine: string }) {
    this.#files = files;
    mkdirSync(path.dirname(files.log), { recursive: true, mode: 0o700 });
    rmSync(files.base, { force: true });
    keepAs(files.checkpoint, files.base);
    this.#head = { version: 1, update: update.id, engine: update.engine, base: digestOf(files.base) };
    this.#log = openSync(files.log, "w", 0o600);
    this.#write([this.#head]);
  }

  /** Returns when the entries are in the file. */
  append(entries: readonly Entry[]): void {
    this.#write(entries);
    this.#entries.push(...entries);
  }

  /** Puts the state after the update in place of the one before it, and ends the log. */
  settle(): void {
    closeSync(this.#log);
    settle(this.#files, { head: this.#head, entries: this.#entries, settled: [] });
  }

  #write(lines: readonly object[]): void {
    appendLines(this.#log, lines);
  }
}

/** The state after what the log has, for reading; undefined where there is no log. */
export function readLogged(files: StackFiles): Replayed | undefined {
  const logged = readLog(files.log);
  if (logged === undefined || !existsSync(files.base) || logged.settled.includes(digestOf(files.checkpoint))) return undefined;
  return replayed(files, logged);
}

/**
 * Brings into the checkpoint what a run that was cut off has logged. Its caller holds the stack's lock. Answers `changed` where something
 * else has written the checkpoint since: then that one counts, and the log is kept beside it.
 */
export function settleLeft(files: StackFiles): "none" | "settled" | "changed" {
  const logged = readLog(files.log);
  if (logged === undefined) return "none";
  const found = digestOf(files.checkpoint);
  if (logged.settled.includes(found)) {
    end(files);
    return "none";
  }
  if (found !== logged.head.base) {
    renameSync(files.log, `${files.log}.${logged.head.update}`);
    renameSync(files.base, `${files.base}.${logged.head.update}`);
    return "changed";
  }
  settle(files, logged);
  return "settled";
}

function settle(files: StackFiles, logged: Logged): void {
  if (logged.entries.length > 0) {
    const { deployment, features } = replayed(files, logged);
    const text = checkpointText(readCheckpoint(files.base).checkpoint.stack, deployment, features, logged.head.engine);
    const log = openSync(files.log, "a");
    try {
      appendLines(log, [{ settled: sha256(text) }]);
    } finally {
      closeSync(log);
    }
    keepAs(files.base, `${files.checkpoint}.bak`);
    replaceFile(files.checkpoint, text);
  }
  end(files);
}

function end(files: StackFiles): void {
  for (const file of [files.log, files.base]) rmSync(file, { force: true });
}

function replayed(files: StackFiles, { entries }: Logged): Replayed {
  const { checkpoint } = readCheckpoint(files.base);
  // Entries come in batches that may overtake each other.
  return replay(checkpoint.latest ?? {}, entries.toSorted((a, b) => a.sequenceID - b.sequenceID));
}

function readLog(file: string): Logged | undefined {
  if (!existsSync(file)) return undefined;
  // A last line without its end was never answered for.
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  if (lines.length === 0) return undefined;
  try {
    const [head, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
    const settled = rest.flatMap((line) => settledSchema.safeParse(line).data?.settled ?? []);
    return { head: headSchema.parse(head), settled, entries: rest.filter((line) => !settledSchema.safeParse(line).success).map((line) => entrySchema.parse(line)) };
  } catch (cause) {
    throw new RepaveError("state.log", `The log of a cut-off update, ${file}, cannot be read`, {
      cause,
      hint: "the version of repave that wrote it can; without it: move the file away, and run 'repave check' on the state before that update",
    });
  }
}

/** All of the lines or, where the disk is full, none. */
function appendLines(log: number, lines: readonly object[]): void {
  const { size } = fstatSync(log);
  const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  try {
    for (let at = 0; at < text.length; ) at += writeSync(log, text, at, text.length - at, size + at);
  } catch (error) {
    ftruncateSync(log, size);
    throw error;
  }
}

/** Another name for a file that is only ever replaced, never written again. */
function keepAs(file: string, name: string): void {
  rmSync(name, { force: true });
  try {
    linkSync(file, name);
  } catch {
    copyFileSync(file, name);
  }
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function digestOf(file: string): string {
  return existsSync(file) ? sha256(readFileSync(file)) : "none";
}
