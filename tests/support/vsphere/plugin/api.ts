import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

/** Calls of a vCenter's API, by a client that the simulator's program has for those that speak no SOAP. */
export class Api {
  readonly #program: string;
  readonly #environment: Record<string, string>;
  readonly #waiting = new Map<number, { resolve(value: any): void; reject(error: Error): void }>();
  #child: ChildProcessWithoutNullStreams | undefined;
  #last = 0;

  constructor(program: string, environment: Record<string, string>) {
    this.#program = program;
    this.#environment = environment;
  }

  call<T = any>(op: string, args: object): Promise<T> {
    const child = (this.#child ??= this.#start());
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id, op, args })}\n`);
    });
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.end();
    await gone;
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#program, ["call"], { env: { ...process.env, ...this.#environment } });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string };
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result ?? {});
      else waiting?.reject(new Error(error));
    });
    child.on("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the client of vCenter has ended: ${complaint}`));
      this.#waiting.clear();
      this.#child = undefined;
    });
    return child;
  }
}
