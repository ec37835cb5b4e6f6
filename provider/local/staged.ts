import { spawn, type ChildProcess } from "node:child_process";
import { openSync, readdirSync, readFileSync } from "node:fs";
import type { Duplex, Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { explain } from "./failure.ts";

export interface StagedOptions {
  env?: NodeJS.ProcessEnv;
  /**
   * Open files for the process, which sees them as 4, 5, ... Steps are then told over file 3, not over stdin and stdout:
   * Node closes those when the first process of a chain ends, and such a chain ends before its last process is ready.
   */
  files?: number[];
}

/**
 * A process that is made in steps: it reports each step as a line, waits for an answer, and undoes itself when the
 * answers stop. So a command killed half-way leaves nothing behind; only what was told "commit" stays.
 */
export class Staged {
  readonly child: ChildProcess;
  readonly #method: string;
  readonly #what: string;
  readonly #lines: string[] = [];
  readonly #in: Readable;
  readonly #out: Writable;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: unknown) => void }[] = [];
  #errors = "";
  #end: Error | undefined;

  constructor(method: string, what: string, command: string, args: string[], options: StagedOptions = {}) {
    this.#method = method;
    this.#what = what;
    this.child = spawn(command, args, {
      detached: true,
      cwd: "/",
      env: options.env ?? plainEnvironment(),
      stdio: ["pipe", "pipe", "pipe", ...shutInherited(options.files === undefined ? [] : ["pipe", ...options.files])],
    });
    const own = this.child.stdio[3] as Duplex | undefined;
    this.#out = options.files === undefined ? this.child.stdin! : own!;
    this.#in = options.files === undefined ? this.child.stdout! : own!;
    this.child.stderr!.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000);
    });
    this.#out.on("error", () => undefined);
    createInterface({ input: this.#in }).on("line", (line) => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#lines.push(line);
      else next.resolve(line);
    });
    this.child.once("error", (error) => this.#finish(error));
    this.child.once("close", (code, signal) => this.#finish(new Error(`ended with ${signal ?? `exit code ${code}`}`)));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The next reported line; fails with the process's own complaint when it ends first. */
  async line(): Promise<string> {
    const ready = this.#lines.shift();
    if (ready !== undefined) return ready;
    if (this.#end !== undefined) throw explain(this.#method, this.#what, this.#end, this.#errors);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async expect(word: string): Promise<string> {
    const line = await this.line();
    if (line === word || line.startsWith(`${word} `)) return line.slice(word.length + 1);
    throw explain(this.#method, this.#what, new Error(`reported '${line}' instead of '${word}'`), this.#errors);
  }

  say(line: string): void {
    this.#out.write(`${line}\n`);
  }

  /** Lets the process live on without us. */
  release(): void {
    this.#out.end(() => this.#in.destroy());
    for (const stream of this.child.stdio.slice(1, 3)) stream?.destroy();
    this.child.unref();
  }

  #finish(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(explain(this.#method, this.#what, error, this.#errors));
  }
}

/**
 * What lives on must not hold files its starter happened to inherit, such as a pipe somebody waits on. Node cannot close
 * them in a child, but it can put something else in their place.
 */
function shutInherited(wanted: (number | "pipe" | "ignore")[]): (number | "pipe" | "ignore")[] {
  const inherited = readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => fd >= 3 + wanted.length && isInherited(fd));
  const slots = [...wanted];
  for (const fd of inherited) {
    while (slots.length < fd - 3) slots.push("ignore");
    slots[fd - 3] = nothing();
  }
  return slots;
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & 0o2000000) === 0;
  } catch {
    return false;
  }
}

let opened: number | undefined;
function nothing(): number {
  return (opened ??= openSync("/dev/null", "r+"));
}

/** What our own processes get from the caller's environment: nothing but where tools are. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C", LC_ALL: "C" };
}

/** Runs a program to its end and gives its output. */
export function run(method: string, what: string, command: string, args: string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: "/", env: plainEnvironment(), stdio: ["pipe", "pipe", "pipe"], detached: true });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("error", (error) => reject(explain(method, what, error)));
    child.once("close", (code, signal) =>
      code === 0 ? resolve(output) : reject(explain(method, what, new Error(`ended with ${signal ?? `exit code ${code}`}`), errors)),
    );
  });
}
