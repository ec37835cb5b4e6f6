import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";

const MAX_BYTES = 2 * 1024 * 1024;

/**
 * The agent's own log: `current`, and `previous` once `current` is full. Callers never pass payloads, settings or
 * script output: those hold secrets.
 */
export class AgentLog {
  readonly #file: string;
  #size: number;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: 0o750 });
    this.#file = path.join(dir, "current");
    this.#size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  info(part: string, text: string): void {
    this.#write("INFO", part, text);
  }

  warn(part: string, text: string): void {
    this.#write("WARN", part, text);
  }

  error(part: string, text: string): void {
    this.#write("ERROR", part, text);
  }

  #write(level: string, part: string, text: string): void {
    const line = `${new Date().toISOString()} ${level} [${part}] ${text.replaceAll("\n", "\\n").slice(0, 2000)}\n`;
    try {
      if (this.#size + line.length > MAX_BYTES) {
        renameSync(this.#file, path.join(path.dirname(this.#file), "previous"));
        this.#size = 0;
      }
      appendFileSync(this.#file, line, { mode: 0o640 });
      this.#size += line.length;
    } catch {
      // A full disk must not stop the agent: it is the one who can be asked to free it.
    }
  }
}
