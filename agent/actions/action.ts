export interface Call {
  /** Protocol number of the request, 0 if it gave none. */
  protocol: number;
}

/** One method of the message bus. */
export interface Action {
  /** Queued as a task, or answered at once; may depend on the protocol. */
  async: boolean | ((protocol: number) => boolean);
  /** Arguments it can't do without; surplus ones are ignored. */
  required: number;
  run(args: unknown[], call: Call): Promise<unknown>;
  /** Asks the running task of this action to end early. */
  cancel?: () => void;
  /** Present: the task survives a restart of the agent, and this gives its result. */
  resume?: () => Promise<unknown>;
}

/** A cancel signal with one place, as each cancellable action has: a cancel that comes early hits the next run. */
export class CancelSlot {
  #pending = false;
  #abort: (() => void) | undefined;

  readonly cancel = (): void => {
    if (this.#abort !== undefined) this.#abort();
    else this.#pending = true;
  };

  /** Runs `task` with a signal that a cancel aborts. */
  async guard<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.#pending) controller.abort();
    this.#pending = false;
    this.#abort = () => controller.abort();
    try {
      return await task(controller.signal);
    } finally {
      this.#abort = undefined;
    }
  }
}
