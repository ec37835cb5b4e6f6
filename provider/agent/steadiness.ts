import type { AgentState } from "../../director/protocol/index.ts";

/** So many good answers in a row make an instance healthy. */
const NEEDED = 3;

/**
 * Judges an instance by its answers. One good answer says little: a process that dies and is started again looks well whenever it is
 * asked at the right moment. So good answers must follow each other, and no process may have got younger in between.
 */
export class Steadiness {
  #good = 0;
  #uptimes = new Map<string, number>();
  readonly #restarted = new Set<string>();

  /** How many good answers came in a row. */
  get good(): number {
    return this.#good;
  }

  /** Processes that were started anew while they were watched. */
  get restarted(): readonly string[] {
    return [...this.#restarted];
  }

  /** True once the instance is healthy. Where there is no process, there is nothing that could die. */
  add(state: AgentState): boolean {
    const processes = state.processes ?? [];
    const younger = processes.filter(({ name, uptime }) => (uptime?.secs ?? Infinity) < (this.#uptimes.get(name) ?? 0)).map(({ name }) => name);
    for (const name of younger) this.#restarted.add(name);
    this.#uptimes = new Map(processes.map(({ name, uptime }) => [name, uptime?.secs ?? 0]));
    if (state.job_state !== "running") this.#good = 0;
    else this.#good = younger.length > 0 ? 1 : this.#good + 1;
    return this.#good > 0 && (processes.length === 0 || this.#good >= NEEDED);
  }

  /** The agent gave no answer, or none that can be read. */
  miss(): void {
    this.#good = 0;
  }
}
