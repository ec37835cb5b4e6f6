import os from "node:os";
import { messageOf, RepaveError } from "../../../director/core/errors.ts";
import { exitCode } from "../../exit-codes.ts";
import type { Session } from "../session.ts";
import { EngineEvents } from "./engine-events.ts";
import type { TaskEnd, TaskEvent } from "./lines.ts";
import { redactArgs } from "./redact-args.ts";
import { TaskStore, type TaskWriter } from "./task-store.ts";

/**
 * One command that may change an environment. Its journal begins with the first change: what was refused, or only
 * looked, is no task.
 */
export class Task {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #now: () => Date;
  #writer: TaskWriter | undefined;
  #changes: Record<string, number> = {};
  #error: string | undefined;
  #manifests: Record<string, string> | undefined;

  constructor(command: string, args: readonly string[], now: () => Date = () => new Date()) {
    this.#command = command;
    this.#args = args;
    this.#now = now;
  }

  get number(): number | undefined {
    return this.#writer?.task;
  }

  /** Called before anything is changed; the first call begins the journal. */
  begin(session: Session): void {
    this.#writer ??= new TaskStore(session).begin({
      at: this.#time(),
      environment: session.environment,
      project: session.project.name,
      command: this.#command,
      args: redactArgs(this.#args),
      user: userName(),
      computer: os.hostname(),
      pid: process.pid,
    });
  }

  /** Takes the events of one run of the engine; call `settle` when it has ended. */
  run(session: Session, verb: string): { take(event: string): void; settle(): void } {
    this.begin(session);
    this.#writer?.write({ kind: "run", at: this.#time(), verb });
    const events = new EngineEvents((event) => this.#writer?.write(event), this.#now);
    return {
      take: (event) => events.take(event),
      settle: () => {
        for (const [what, n] of Object.entries(events.changes)) this.#changes[what] = (this.#changes[what] ?? 0) + n;
        this.#error = events.error;
      },
    };
  }

  /** Writes down what was done beside the engine: an errand, an orphan deleted. */
  did(event: Pick<TaskEvent, "object" | "type" | "action" | "state" | "text" | "instance">): void {
    this.#writer?.write({ kind: "event", at: this.#time(), ...event });
  }

  /** The manifests that the environment has after this task. */
  deployed(manifests: Record<string, string>): void {
    this.#manifests = manifests;
  }

  end(exit: number, error?: unknown): void {
    const result: TaskEnd["result"] = exit === exitCode.ok ? "done" : exit === exitCode.cancelled ? "cancelled" : "failed";
    const told = error === undefined ? (result === "done" || this.#error === undefined ? undefined : { code: "state.update", message: this.#error }) : { code: error instanceof RepaveError ? error.code : "bug", message: messageOf(error).split("\n")[0]! };
    this.#writer?.write({
      kind: "end",
      at: this.#time(),
      result,
      exit,
      ...(told === undefined ? {} : { error: told }),
      ...(Object.keys(this.#changes).length > 0 ? { changes: this.#changes } : {}),
      ...(this.#manifests === undefined ? {} : { manifests: this.#manifests }),
    });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // In a container whose user has no name.
    return String(process.getuid?.() ?? "unknown");
  }
}
