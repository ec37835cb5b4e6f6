import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { LocalIaas } from "../../../provider/local/index.ts";
import { leaveTrace } from "../traces.ts";
import { startCommand, type Finished, type Running } from "./command.ts";
import { writeSleeperRelease } from "./release.ts";

export type { Finished, Running } from "./command.ts";

const checkout = path.resolve(__dirname, "..", "..", "..");

/**
 * A project of its own in a temporary folder, with its own state, driven by the compiled command line and the real engine.
 * Always `close` it: that removes every VM, whatever happened before.
 */
export class TestPlatform {
  readonly folder: string;
  readonly home: string;
  readonly environment = "test";
  readonly project: string;
  /** Words before the command line that say where it runs. */
  prefix: readonly string[] = [];
  readonly #running = new Set<ChildProcess>();

  constructor(name: string) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), `repave-${name}-`));
    this.home = path.join(this.folder, "home");
    this.project = `t${path.basename(this.folder).replace(/[^A-Za-z0-9]/g, "").toLowerCase()}`;
    mkdirSync(this.home, { mode: 0o700 });
    leaveTrace({ folder: this.folder, stateDir: path.join(this.home, "local"), environment: `${this.project}-${this.environment}` });
    writeFileSync(
      path.join(this.folder, "Pulumi.yaml"),
      `name: ${this.project}\nruntime:\n  name: nodejs\n  options: {typescript: false}\nmain: index.js\nplugins:\n  providers:\n  - {name: repave, path: ${path.join(checkout, "provider", "plugin")}}\n`,
    );
    writeSleeperRelease(path.join(this.folder, "release"));
  }

  get iaas(): LocalIaas {
    return new LocalIaas({ stateDir: path.join(this.home, "local"), environment: `${this.project}-${this.environment}`, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
  }

  /** Writes the program: `groups` are manifest instance groups, jobs of `sleeper` unless they say otherwise. */
  deploy(groups: GroupSketch[], more: { update?: object; variables?: object[]; manifest?: object; drained?: readonly string[] } = {}): void {
    const manifest = {
      name: "dep",
      releases: [{ name: "sleeper", version: "create", url: path.join(this.folder, "release") }],
      stemcells: [{ alias: "default", os: "local", version: "1" }],
      update: { canaries: 1, max_in_flight: 1, canary_watch_time: "100-20000", update_watch_time: "100-20000", serial: true, ...more.update },
      variables: more.variables ?? [],
      instance_groups: groups.map(sleeperGroup),
      ...more.manifest,
    };
    const text = `const { Deployment, Environment, localIaas } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
module.exports = async () => {
  const environment = new Environment("env", { iaas: localIaas(), azs: ["z1", "z2", "z3"].map((name, i) => ({ name, range: "10.99." + (i + 1) + ".0/24", drain: ${JSON.stringify(more.drained ?? [])}.includes(name) })) });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances };
};
`;
    writeFileSync(path.join(this.folder, "index.js"), text);
  }

  /** Starts the command line; `detached` gives it a process group of its own, so that all of it can be killed. */
  start(args: readonly string[], options: { env?: Record<string, string>; detached?: boolean } = {}): Running {
    const running = startCommand([...this.prefix, process.execPath, path.join(checkout, "dist", "cli", "repave.js"), ...args] as [string, ...string[]], {
      cwd: this.folder,
      env: { ...process.env, REPAVE_HOME: this.home, REPAVE_ENVIRONMENT: this.environment, NO_COLOR: "1", ...options.env },
      detached: options.detached,
    });
    this.#running.add(running.child);
    const forget = () => void this.#running.delete(running.child);
    running.done.then(forget, forget);
    return running;
  }

  run(args: readonly string[], env?: Record<string, string>): Promise<Finished> {
    return this.start(args, { env }).done;
  }

  /** Runs a plain engine with these arguments, its own language host and all; the project gets the packages that it needs. */
  async pulumi(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
    const { stdout, text } = await this.run(["env", "--json"]);
    if (!stdout.startsWith("{")) throw new Error(text);
    const own = JSON.parse(stdout) as Record<string, string>;
    const packages = path.join(this.folder, "node_modules");
    if (!existsSync(packages)) symlinkSync(path.join(checkout, "node_modules"), packages);
    const engine = own["PATH"]!.split(":").map((folder) => path.join(folder, "pulumi")).find(existsSync)!;
    const running = startCommand([engine, ...args, "--stack", this.environment, "--non-interactive"], { cwd: this.folder, env: { ...process.env, ...own, NO_COLOR: "1", ...env } });
    this.#running.add(running.child);
    return running.done.finally(() => this.#running.delete(running.child));
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.run(["instances", "--json"]);
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    try {
      if (existsSync(path.join(this.home, "local"))) await this.iaas.destroy();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** A manifest's instance group: of the sleeper over three AZs, unless the sketch says otherwise. */
export function sleeperGroup({ properties, disk, ...group }: GroupSketch): object {
  return {
    azs: ["z1", "z2", "z3"],
    vm_type: "default",
    stemcell: "default",
    networks: [{ name: "default" }],
    ...(disk ? { persistent_disk: disk } : {}),
    jobs: [{ name: "sleeper", release: "sleeper", ...(properties ? { properties } : {}) }],
    ...group,
  };
}

export interface GroupSketch {
  name: string;
  instances: number;
  properties?: object;
  /** MiB. */
  disk?: number;
  [key: string]: unknown;
}

export interface InstanceRow {
  instance: string;
  state: string;
  az: string;
  ips: string;
  age: string;
  vm: string;
}
