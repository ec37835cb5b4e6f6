import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../../director/core/errors.ts";
import { startOf } from "../processes.ts";
import type { Session } from "../session.ts";
import { type JournalLine, journalLineSchema, type TaskEnd, type TaskJournal, type TaskStart, type TaskState } from "./lines.ts";

/** So many tasks are kept, and so many bytes of them; the last one always is. */
const MOST_TASKS = 200;
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_BYTES_OF_ONE = 4 * 1024 * 1024;
/** A process that began so much later than the task is another one with the same number. */
const REUSED_MS = 10_000;

type Place = Pick<Session, "home" | "environment"> & { project: { name: string } };

/** The journals of an environment's tasks: one private file each, in the home folder, so that they outlive the environment. */
export class TaskStore {
  readonly #folder: string;

  constructor({ home, project, environment }: Place) {
    this.#folder = path.join(home, "tasks", `${project.name}-${environment}`);
  }

  /** Begins a task's journal under the next free number. */
  begin(about: Omit<TaskStart, "kind" | "task">): TaskWriter {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    for (let task = (this.#numbers().at(-1) ?? 0) + 1; ; task += 1) {
      const line: TaskStart = { kind: "start", task, ...about };
      try {
        writeFileSync(this.#file(task), `${JSON.stringify(line)}\n`, { flag: "wx", mode: 0o600 });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue;
        throw new RepaveError("state.journal", `The journal of task ${task} can't be written`, { cause });
      }
      this.#forgetOld();
      return new TaskWriter(task, this.#file(task));
    }
  }

  /** Numbers of the tasks that are kept, oldest first. */
  #numbers(): number[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .flatMap((name) => /^(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** The last tasks, newest first. Without a count: all that are kept. */
  last(count?: number): TaskJournal[] {
    const numbers = this.#numbers().reverse();
    return numbers.slice(0, count ?? numbers.length).flatMap((task) => this.find(task) ?? []);
  }

  find(task: number): TaskJournal | undefined {
    const lines = this.lines(task);
    const [start] = lines;
    if (start?.kind !== "start") return undefined;
    const end = lines.findLast((line) => line.kind === "end");
    return { start, end, state: stateOf(start, end), lines };
  }

  /** What a task's journal has so far; a line that was cut off is left out. */
  lines(task: number): JournalLine[] {
    const file = this.#file(task);
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8").split("\n").flatMap((text) => {
      const parsed = text === "" ? undefined : journalLineSchema.safeParse(parsedJson(text));
      return parsed?.success ? [parsed.data] : [];
    });
  }

  #forgetOld(): void {
    let bytes = 0;
    for (const [i, task] of this.#numbers().reverse().entries()) {
      const file = this.#file(task);
      bytes += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (i > 0 && (i >= MOST_TASKS || bytes > MOST_BYTES)) rmSync(file, { force: true });
    }
  }

  #file(task: number): string {
    return path.join(this.#folder, `${task}.jsonl`);
  }
}

/** Writes one task's journal, a line at a time: what was written is there whatever happens next. */
export class TaskWriter {
  readonly task: number;
  readonly #file: string;
  #bytes = 0;

  constructor(task: number, file: string) {
    this.task = task;
    this.#file = file;
  }

  /** Past the limit of one journal only failures and the end are still written. */
  write(line: JournalLine): void {
    if (this.#bytes > MOST_BYTES_OF_ONE && line.kind === "event" && line.state !== "failed") return;
    const text = `${JSON.stringify(line)}\n`;
    this.#bytes += text.length;
    appendFileSync(this.#file, text);
  }
}

function stateOf(start: TaskStart, end: TaskEnd | undefined): TaskState {
  if (end !== undefined) return end.result;
  if (start.computer !== os.hostname()) return "running";
  const began = startOf(start.pid);
  return began !== undefined && began.getTime() <= Date.parse(start.at) + REUSED_MS ? "running" : "interrupted";
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
