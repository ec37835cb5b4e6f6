import { randomUUID } from "node:crypto";
import { TASK_QUEUE_PLACES } from "../../director/protocol/index.ts";

export interface Task {
  readonly id: string;
  /** Absent: the task can not be cancelled. */
  readonly cancel: (() => void) | undefined;
  state: "running" | "done" | "failed";
  value: unknown;
  error: string;
}

type Job = { task: Task; run: () => Promise<unknown>; end: (() => void) | undefined };

/** One asynchronous task at a time, in order of arrival; results stay until the agent exits. */
export class TaskQueue {
  readonly #tasks = new Map<string, Task>();
  readonly #queue: Job[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  create(cancel: (() => void) | undefined, id: string = randomUUID()): Task {
    return { id, cancel, state: "running", value: null, error: "" };
  }

  /** Resolves once the task has a place in the queue: beyond the running one and five others, the caller waits. */
  async start(task: Task, run: () => Promise<unknown>, end?: () => void): Promise<void> {
    this.#tasks.set(task.id, task);
    if (this.#queue.length >= TASK_QUEUE_PLACES || this.#waiting.length > 0) {
      await new Promise<void>((free) => this.#waiting.push(free));
    }
    this.#queue.push({ task, run, end });
    this.#next();
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  #next(): void {
    if (this.#busy) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#busy = true;
    this.#waiting.shift()?.();
    void this.#perform(job).finally(() => {
      this.#busy = false;
      this.#next();
    });
  }

  async #perform({ task, run, end }: Job): Promise<void> {
    try {
      const value = await run();
      end?.();
      task.value = value;
      task.state = "done";
    } catch (error) {
      end?.();
      task.error = error instanceof Error ? error.message : String(error);
      task.state = "failed";
    }
  }
}
