/**
 * Keeps the addresses for a moment after they were given up: until another has been heard as their master, and its announcement has had
 * the time to reach everybody. So nobody knocks at a door that is closed already at one place and not open yet at the other.
 */
export class Handover {
  readonly #settleMs: number;
  readonly #longestMs: number;
  readonly #remove: () => void;
  #timer: NodeJS.Timeout | undefined;
  #taken = false;

  constructor({ settleMs, longestMs }: { settleMs: number; longestMs: number }, remove: () => void) {
    this.#settleMs = settleMs;
    this.#longestMs = longestMs;
    this.#remove = remove;
  }

  begin(): void {
    this.#taken = false;
    this.#wait(this.#longestMs);
  }

  /** Another says that it is the master. */
  heard(): void {
    if (this.#timer === undefined || this.#taken) return;
    this.#taken = true;
    this.#wait(this.#settleMs);
  }

  /** The addresses are ours again. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    this.cancel();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#remove();
    }, ms);
  }
}
