import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { LocalIaas } from "../../../provider/local/index.ts";
import { leaveTrace } from "../traces.ts";
import { startCommand, type Finished, type Running } from "./command.ts";
import type { InstanceRow } from "./index.ts";

export const checkout = path.resolve(__dirname, "..", "..", "..");

export interface CheckoutRunOptions {
  /** The Pulumi project to run. Default: the checkout's own. */
  project?: string;
  /** What runs the commands, such as `setpriv` with its arguments. */
  through?: readonly string[];
  /** Above this process's environment. */
  env?: Record<string, string | undefined>;
}

/**
 * Stack `local` under a name, a home and a folder for temporary files of its own, driven by the compiled command line and
 * the real engine. Always `close` it: that removes every VM, whatever happened before.
 */
export class CheckoutRun {
  readonly folder: string;
  readonly home: string;
  /** Where its commands put temporary files. */
  readonly scratch: string;
  readonly environment: string;
  /** All that its commands have printed. */
  readonly printed: string[] = [];
  readonly #options: CheckoutRunOptions;
  readonly #project: string;
  readonly #running = new Set<Running>();

  constructor(name: string, options: (folder: string) => CheckoutRunOptions = () => ({})) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), `repave-${name}-`));
    this.home = path.join(this.folder, "home");
    this.scratch = path.join(this.folder, "tmp");
    for (const folder of [this.home, this.scratch]) mkdirSync(folder, { mode: 0o700 });
    this.environment = path.basename(this.folder);
    leaveTrace({ folder: this.folder, stateDir: path.join(this.home, "local"), environment: `repave-${this.environment}` });
    this.#options = options(this.folder);
    this.#project = this.#options.project ?? checkout;
  }

  get iaas(): LocalIaas {
    return new LocalIaas({ stateDir: path.join(this.home, "local"), environment: `repave-${this.environment}`, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
  }

  /** The settings that the engine keeps for this environment beside the stacks. */
  get settings(): string {
    return path.join(this.#project, "stacks", `Pulumi.${this.environment}.yaml`);
  }

  /** Runs `repave` with these arguments. */
  repave(...args: string[]): Promise<Finished> {
    return this.run([process.execPath, path.join(checkout, "dist", "cli", "repave.js"), ...args]);
  }

  /** Runs the engine with these arguments on this environment. */
  async pulumi(...args: string[]): Promise<Finished> {
    const { stdout, text } = await this.repave("env", this.environment, "--json");
    if (!stdout.startsWith("{")) throw new Error(text);
    const env = JSON.parse(stdout) as Record<string, string>;
    const engine = env["PATH"]!.split(":").map((folder) => path.join(folder, "pulumi")).find(existsSync)!;
    return this.run([engine, ...args, "--stack", this.environment, "--non-interactive"], env);
  }

  async run(argv: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
    const running = startCommand([...(this.#options.through ?? []), ...argv] as [string, ...string[]], {
      cwd: this.#project,
      env: { ...process.env, REPAVE_HOME: this.home, REPAVE_ENVIRONMENT: this.environment, TMPDIR: this.scratch, NO_COLOR: "1", ...this.#options.env, ...env },
    });
    this.#running.add(running);
    try {
      return await running.done;
    } finally {
      this.#running.delete(running);
      this.printed.push(running.text());
    }
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.repave("instances", this.environment, "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  async close(): Promise<void> {
    for (const { child } of this.#running) child.kill("SIGKILL");
    try {
      if (existsSync(path.join(this.home, "local"))) await this.iaas.destroy();
    } finally {
      rmSync(this.settings, { force: true });
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
