import type { CommandContext } from "../command.ts";

/** One thing a watch says: a line for people, an object for programs. */
export interface WatchEvent {
  event: "watching" | "healthy" | "problem" | "ignored" | "busy" | "changed" | "meltdown" | "mute" | "undeployed" | "repairing" | "repaired" | "failed" | "stopped";
  text: string;
  [detail: string]: unknown;
}

/** Says what is new: what a round says again, word for word, is said once. */
export class WatchLog {
  readonly #context: CommandContext;
  #before = new Set<string>();
  #now = new Set<string>();

  constructor(context: CommandContext) {
    this.#context = context;
  }

  say(event: WatchEvent): void {
    const at = new Date().toISOString();
    if (this.#context.ui.json) this.#context.ui.out(`${JSON.stringify({ at, ...event })}\n`);
    else this.#context.ui.out(`${at} ${event.text}\n`);
  }

  /** For a state that lasts over rounds. */
  sayOnce(event: WatchEvent): void {
    const said = JSON.stringify(event);
    if (!this.#before.has(said) && !this.#now.has(said)) this.say(event);
    this.#now.add(said);
  }

  endRound(): void {
    [this.#before, this.#now] = [this.#now, new Set()];
  }
}
