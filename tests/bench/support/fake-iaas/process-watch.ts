import { readdirSync, readFileSync } from "node:fs";

const EVERY_MS = 500;
const TICKS_A_SECOND = 100;

export interface ProcessUse {
  /** Most resident memory, in megabytes: the kernel's own high-water mark. */
  peakMb: number;
  /** Seconds of processor time, as far as it was seen. */
  cpuSeconds: number;
}

/** Looks at a process and all below it twice a second, and keeps what each has used. */
export class ProcessWatch {
  readonly #root: number;
  readonly #uses = new Map<string, ProcessUse>();
  readonly #timer: NodeJS.Timeout;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** By the name of the program. */
  stop(): ReadonlyMap<string, ProcessUse> {
    clearInterval(this.#timer);
    return this.#uses;
  }

  #look(): void {
    const parents = new Map<number, number>();
    const ticks = new Map<number, number>();
    for (const entry of readdirSync("/proc")) {
      const stat = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : "";
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields.length < 13) continue;
      parents.set(Number(entry), Number(fields[1]));
      ticks.set(Number(entry), Number(fields[11]) + Number(fields[12]));
    }
    for (const pid of parents.keys()) {
      if (!this.#isBelow(pid, parents)) continue;
      const kib = Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
      const name = nameOf(read(`/proc/${pid}/cmdline`).split("\0"));
      const known = this.#uses.get(name);
      const cpuSeconds = (ticks.get(pid) ?? 0) / TICKS_A_SECOND;
      this.#uses.set(name, { peakMb: Math.max(known?.peakMb ?? 0, (kib * 1024) / 1e6), cpuSeconds: Math.max(known?.cpuSeconds ?? 0, cpuSeconds) });
    }
  }

  #isBelow(pid: number, parents: ReadonlyMap<number, number>): boolean {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === this.#root) return true;
    return false;
  }
}

function nameOf(argv: readonly string[]): string {
  if (argv.some((part) => part.endsWith("dist/cli/repave.js"))) return "command and program";
  if (argv.some((part) => part.endsWith("provider/main.js"))) return "provider";
  if (argv[0]?.endsWith("/pulumi")) return "engine";
  return argv.some((part) => part.endsWith("plugin.cjs")) ? "fake IaaS' provider" : "other";
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
