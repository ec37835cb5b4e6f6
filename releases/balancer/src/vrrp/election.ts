export interface ElectionOptions {
  /** Own address: decides between equal priorities. */
  address: string;
  /** 1 to 254. */
  priority: number;
  intervalMs: number;
}

/** What is to be done: say a priority to the others, take the addresses, give them up, or tell all neighbours again where they are. */
export type Act = { say: number } | "take" | "give up" | "announce";

/** `absent` takes no part, `listening` has heard nobody yet. */
export type State = "absent" | "listening" | "backup" | "master";

/**
 * Who has the addresses: the state machine of RFC 5798, for one who never pre-empts. A master that is heard stays it, whatever its
 * priority; only of two masters, as after a network that was cut, the one of the lower priority gives way.
 */
export class Election {
  #state: State = "absent";
  #deadline = Number.POSITIVE_INFINITY;
  #mastersIntervalMs: number;
  readonly #options: ElectionOptions;
  readonly #act: (act: Act) => void;

  constructor(options: ElectionOptions, act: (act: Act) => void) {
    this.#options = options;
    this.#act = act;
    this.#mastersIntervalMs = options.intervalMs;
  }

  get state(): State {
    return this.#state;
  }

  /** Takes part from now on, as one who waits. */
  join(now: number): void {
    if (this.#state !== "absent") return;
    this.#state = "listening";
    this.#deadline = now + this.#masterDownMs;
  }

  /** Takes no part any more; who comes next is told at once. */
  leave(): void {
    if (this.#state === "master") {
      this.#act({ say: 0 });
      this.#act("give up");
    }
    this.#state = "absent";
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  heard(advert: { from: string; priority: number; intervalMs: number }, now: number): void {
    if (this.#state === "absent") return;
    if (this.#state === "master") return this.#heardAsMaster(advert, now);
    if (advert.priority === 0) {
      this.#deadline = now + this.#skewMs;
      return;
    }
    this.#follow(advert.intervalMs, now);
  }

  /** To be called often, after everything that has come was heard. */
  tick(now: number): void {
    if (now < this.#deadline) return;
    if (this.#state === "master") {
      this.#act({ say: this.#options.priority });
    } else {
      this.#state = "master";
      this.#act({ say: this.#options.priority });
      this.#act("take");
    }
    this.#deadline = now + this.#options.intervalMs;
  }

  #heardAsMaster({ from, priority, intervalMs }: { from: string; priority: number; intervalMs: number }, now: number): void {
    const { address, priority: own } = this.#options;
    if (priority > own || (priority === own && numberOf(from) > numberOf(address))) {
      this.#act("give up");
      this.#follow(intervalMs, now);
      return;
    }
    // It gives way once it hears us; until then it may have told neighbours that the addresses are its own.
    this.#act({ say: own });
    if (priority > 0) this.#act("announce");
    this.#deadline = now + this.#options.intervalMs;
  }

  #follow(intervalMs: number, now: number): void {
    this.#state = "backup";
    this.#mastersIntervalMs = intervalMs;
    this.#deadline = now + this.#masterDownMs;
  }

  /** The lower the priority, the longer one waits, so that two do not take over at once. */
  get #skewMs(): number {
    return ((256 - this.#options.priority) * this.#mastersIntervalMs) / 256;
  }

  get #masterDownMs(): number {
    return 3 * this.#mastersIntervalMs + this.#skewMs;
  }
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
