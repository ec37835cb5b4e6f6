import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { cacheFolder } from "../../../provider/home.ts";

const SOURCE = path.join(__dirname, "vcsim");
const BUILD_MS = 900_000;

export type FoundVcsim = { program: string; missing?: undefined } | { program?: undefined; missing: string };

/** The simulator of vCenter, or why there is none. `build` makes it in the cache, once for each state of its source: from the Go module proxy, in a few minutes. */
export function findVcsim(options: { build: boolean }): FoundVcsim {
  const digest = createHash("sha256");
  for (const file of readdirSync(SOURCE).sort()) digest.update(file).update(readFileSync(path.join(SOURCE, file)));
  const folder = path.join(cacheFolder(process.env), "tests");
  const program = path.join(folder, `vcsim-${digest.digest("hex").slice(0, 12)}`);
  if (existsSync(program)) return { program };
  if (!options.build) return { missing: "vcsim, the simulator of vCenter, is not in the cache: 'make e2e-clouds' builds it" };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { status, error, stderr } = spawnSync("go", ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", `${program}.new`, "."], { cwd: SOURCE, encoding: "utf8", timeout: BUILD_MS, env: { ...process.env, CGO_ENABLED: "0" } });
  if (status !== 0) return { missing: `vcsim can't be built: ${error?.message ?? stderr.trim().split("\n").at(-1)}` };
  renameSync(`${program}.new`, program);
  return { program };
}

export interface SimulatedVm {
  id: string;
  name: string;
  power: string;
  folder: string;
  pool: string;
  cpus: number;
  mib: number;
  template: boolean;
  /** `guestinfo.…` of the advanced settings. */
  config: Record<string, string>;
  /** Custom attributes by name. */
  values: Record<string, string>;
  macs: string[];
  disks: { file: string; unit: number; kib: number; mode: string }[];
}

export interface SimulatedInventory {
  vms: SimulatedVm[];
  folders: string[];
  pools: string[];
  fields: string[];
  rules: { cluster: string; name: string; kind: string; vms: string[] }[];
  /** Descriptors of disks, `[datastore] path`. */
  files: string[];
}

/** What happens to the next calls of a method (`CloneVM_Task`) instead. */
export interface CallFault {
  method: string;
  /** Default: once. */
  times?: number;
  /** Answered without doing anything. */
  status?: number;
  /** Done, and then the connection is cut. */
  loseAnswer?: boolean;
  slowMs?: number;
}

/** Its first line. */
interface Said {
  server: string;
  user: string;
  password: string;
  control: string;
}

/** A vCenter with one datacenter `DC0`, clusters `DC0_C0` to `DC0_C2` and templates `stemcell-1` to `stemcell-3`. */
export class Vcsim {
  /** What leads a client to it. */
  readonly environment: Record<string, string>;
  readonly #control: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, said: Said) {
    this.#child = child;
    this.#control = said.control;
    this.environment = { VSPHERE_SERVER: said.server, VSPHERE_USER: said.user, VSPHERE_PASSWORD: said.password, VSPHERE_ALLOW_UNVERIFIED_SSL: "true" };
  }

  /** @param guests URL where guests are told what becomes of their VMs */
  static async start(program: string, guests = ""): Promise<Vcsim> {
    const child = spawn(program, ["serve", guests], { stdio: ["pipe", "pipe", "pipe"] });
    let complaint = "";
    child.stderr!.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    const said = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout! }).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`vcsim ended with ${code}: ${complaint}`)));
    });
    return new Vcsim(child, JSON.parse(said) as Said);
  }

  async inventory(): Promise<SimulatedInventory> {
    const answer = await fetch(`${this.#control}/inventory`);
    return (await answer.json()) as SimulatedInventory;
  }

  /** Methods that were called since this was asked last. */
  async calls(): Promise<string[]> {
    return (await (await fetch(`${this.#control}/calls`)).json()) as string[];
  }

  async break(fault: CallFault): Promise<void> {
    await fetch(`${this.#control}/faults`, { method: "POST", body: JSON.stringify({ times: 1, ...fault }) });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin!.end();
    await gone;
  }
}
