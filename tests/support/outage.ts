import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./load.ts";

const LOOK_EVERY_MS = 200;
const WRITE_EVERY_MS = 4_000;
const LAST_CHANCE_MS = 60_000;

export interface OutageReport {
  /** Seconds of each stretch in which the database could not be read; infinite when it never came back. */
  outages: number[];
  /** Texts of the entries that the guestbook has acknowledged. */
  acknowledged: string[];
}

/** Reads the guestbook five times a second and writes into it now and then, until it is stopped. */
export class DatabaseWatch {
  readonly #entries: string;
  readonly #outages: number[] = [];
  readonly #acknowledged: string[] = [];
  readonly #running: Promise<unknown>;
  #stoppedAt = Infinity;

  constructor(url: string) {
    this.#entries = new URL("/entries", url).href;
    this.#running = Promise.all([this.#read(), this.#write()]);
  }

  async stop(): Promise<OutageReport> {
    this.#stoppedAt = performance.now();
    await this.#running;
    return { outages: this.#outages, acknowledged: this.#acknowledged };
  }

  async #read(): Promise<void> {
    let since: number | undefined;
    while (this.#stoppedAt === Infinity || since !== undefined) {
      const at = performance.now();
      const answered = await ask(this.#entries).then(({ status }) => status === 200, () => false);
      if (!answered) since ??= at;
      else if (since !== undefined) {
        this.#outages.push((performance.now() - since) / 1000);
        since = undefined;
      }
      if (performance.now() > this.#stoppedAt + LAST_CHANCE_MS) return void this.#outages.push(Infinity);
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #write(): Promise<void> {
    for (let n = 0; this.#stoppedAt === Infinity; n++) {
      const text = `written during the repave, ${n}`;
      const status = await ask(this.#entries, { posted: { author: "watch", text } }).then((answer) => answer.status, () => 0);
      if (status === 201) this.#acknowledged.push(text);
      await sleep(WRITE_EVERY_MS);
    }
  }
}
