import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Session } from "../environment/session.ts";

const schema = z.record(z.string(), z.string());

/** What each errand ran on when it last succeeded. Kept with this user's state; where it is lost, errands run once more. */
export class ErrandMemory {
  readonly #file: string;

  constructor(session: Session) {
    this.#file = path.join(session.home, "errands", `${session.project.name}-${session.environment}.json`);
  }

  async last(errand: string): Promise<string | undefined> {
    return (await this.#read())[errand];
  }

  /** `undefined`: it failed, so that it runs again whatever has changed. */
  async remember(errand: string, signature: string | undefined): Promise<void> {
    const all = await this.#read();
    if (signature === undefined) delete all[errand];
    else all[errand] = signature;
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    const draft = `${this.#file}.${process.pid}.tmp`;
    await writeFile(draft, JSON.stringify(all, null, 2), { mode: 0o600 });
    await rename(draft, this.#file);
  }

  async #read(): Promise<Record<string, string>> {
    const text = await readFile(this.#file, "utf8").catch(() => "{}");
    return schema.catch({}).parse(JSON.parse(text));
  }
}
