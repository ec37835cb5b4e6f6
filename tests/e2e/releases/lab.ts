import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { compileInto } from "./compile.ts";
import { type JobContext, renderTo } from "./render.ts";

const node = process.execPath;

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Why the lab cannot run here; undefined if it can. */
export function labUnavailable(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root for its network namespaces";
  for (const tool of ["unshare", "nsenter", "ip"]) if (!["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((d) => existsSync(path.join(d, tool)))) return `needs ${tool}`;
  return undefined;
}

/** A private network with instances in namespaces, each with its own /var/vcap; the smallest thing that runs our jobs as an agent would. */
export class Lab {
  readonly dir: string;
  readonly instances: LabInstance[] = [];
  private readonly holder: ChildProcess;
  private readonly packages: string;
  private readonly started: ChildProcess[] = [];

  private constructor(dir: string, holder: ChildProcess) {
    this.dir = dir;
    this.holder = holder;
    this.packages = path.join(dir, "packages");
  }

  static async open(releases: readonly string[]): Promise<Lab> {
    const dir = await mkdtemp(path.join(os.tmpdir(), "repave-releases-"));
    // Jobs that drop root must pass through to their packages.
    chmodSync(dir, 0o711);
    // A hardware address of its own: else the bridge's is one of its ports', and changes when that VM dies.
    const setUp = "ip link set lo up && ip link add br0 address 02:00:0a:09:00:01 type bridge && ip addr add 10.9.0.1/24 dev br0 && ip link set br0 up && echo up && exec sleep infinity";
    const holder = spawn("unshare", ["--net", "bash", "-c", setUp], { stdio: ["ignore", "pipe", "inherit"] });
    await firstLine(holder);
    const lab = new Lab(dir, holder);
    try {
      mkdirSync(lab.packages);
      if (!existsSync("/var/vcap")) mkdirSync("/var/vcap");
      for (const release of releases) await compileInto(release, lab.packages, dir);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Makes the VM of an instance, renders its job and runs pre-start; nothing is started yet. */
  async instance(context: JobContext, options: { singleUid?: boolean } = {}): Promise<LabInstance> {
    const vcap = path.join(this.dir, `${context.group}-${context.index}-${this.instances.length}`);
    for (const folder of ["data/sys/run", "data/sys/log", "data/packages", "jobs", "packages", "store"]) mkdirSync(path.join(vcap, folder), { recursive: true });
    symlinkSync("data/sys", path.join(vcap, "sys"));
    for (const name of readdirSync(this.packages)) symlinkSync(path.join(this.packages, name), path.join(vcap, "packages", name));
    const disk = path.join(this.dir, "disks", `${context.group}-${context.index}`);
    // As an agent mounts it: for root alone.
    mkdirSync(disk, { recursive: true, mode: 0o700 });
    const instance = await LabInstance.boot(context, { vcap, disk, singleUid: options.singleUid ?? false }, this.holder.pid ?? 0);
    this.instances.push(instance);
    await instance.render();
    return instance;
  }

  /** Runs a program inside the network, outside of any VM. */
  run(command: readonly string[], input = ""): Promise<Outcome> {
    return collect(this.start(command), input);
  }

  start(command: readonly string[]): ChildProcess {
    const child = spawn("nsenter", ["-t", String(this.holder.pid), "-n", "--", ...command], { stdio: ["pipe", "pipe", "pipe"] });
    this.started.push(child);
    return child;
  }

  /** Runs one of the scripts beside this file with Node.js inside the network. */
  script(name: string, ...args: string[]): ChildProcess {
    return this.start([node, path.join(__dirname, name), ...args]);
  }

  async curl(...args: string[]): Promise<string> {
    return (await this.run(["curl", "-sS", "--max-time", "20", ...args])).stdout;
  }

  async close(): Promise<void> {
    for (const child of this.started) child.kill("SIGKILL");
    for (const instance of this.instances) await instance.destroy();
    this.holder.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export class LabInstance {
  readonly context: JobContext;
  readonly vcap: string;
  private readonly holder: ChildProcess;
  private readonly init: number;
  private readonly enter: string[];

  private constructor(context: JobContext, vcap: string, holder: ChildProcess, init: number, singleUid: boolean) {
    this.enter = ["-t", String(init), ...(singleUid ? ["-U", "--preserve-credentials"] : []), "-m", "-n", "-p", "--"];
    this.context = context;
    this.vcap = vcap;
    this.holder = holder;
    this.init = init;
  }

  static async boot(context: JobContext, { vcap, disk, singleUid }: { vcap: string; disk: string; singleUid: boolean }, network: number): Promise<LabInstance> {
    // bash as the first process reaps what daemons leave behind.
    const boot = `mount --bind ${vcap} /var/vcap && mount --bind ${disk} /var/vcap/store && ip link set lo up && echo up && sleep infinity & read -r _; wait`;
    const holder = spawn("nsenter", ["-t", String(network), "-n", "--", "unshare", ...(singleUid ? ["--user", "--map-root-user"] : []), "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", boot], { stdio: ["pipe", "pipe", "inherit"] });
    await firstLine(holder);
    const init = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim().split(" ")[0]);
    const veth = `v${holder.pid}`;
    // One hardware address per IP, so that a new VM is found behind the ARP entries its predecessor left.
    const mac = ["02", "00", ...context.ip.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
    await checked("nsenter", ["-t", String(network), "-n", "--", "ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "address", mac, "netns", String(init)]);
    await checked("nsenter", ["-t", String(network), "-n", "--", "ip", "link", "set", veth, "master", "br0", "up"]);
    await checked("nsenter", ["-t", String(init), "-n", "--", "ip", "addr", "add", `${context.ip}/24`, "dev", "eth0"]);
    await checked("nsenter", ["-t", String(init), "-n", "--", "ip", "link", "set", "eth0", "up"]);
    return new LabInstance(context, vcap, holder, init, singleUid);
  }

  get job(): string {
    return path.join(this.vcap, "jobs", this.context.job);
  }

  async render(): Promise<void> {
    rmSync(this.job, { recursive: true, force: true });
    mkdirSync(this.job, { recursive: true });
    for (const kind of ["run", "log"]) {
      const folder = path.join(this.vcap, "data/sys", kind, this.context.job);
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o770);
    }
    await renderTo(this.context, this.job);
  }

  run(command: readonly string[]): Promise<Outcome> {
    return collect(this.spawn(command), "");
  }

  spawn(command: readonly string[]): ChildProcess {
    return spawn("nsenter", [...this.enter, ...command], { stdio: ["pipe", "pipe", "pipe"] });
  }

  /** One lifecycle script, absent ones succeed; fails with its output. */
  async script(name: string, ...args: string[]): Promise<string> {
    if (!existsSync(path.join(this.job, "bin", name))) return "";
    const outcome = await this.run([`/var/vcap/jobs/${this.context.job}/bin/${name}`, ...args]);
    if (outcome.code !== 0) throw new Error(`${this.context.group}/${this.context.index} ${name} exited with ${outcome.code}: ${outcome.stderr}\n${this.logs()}`);
    return outcome.stdout.trim();
  }

  /** The programs of the job's monit file, in its order. */
  private programs(kind: "start" | "stop"): string[][] {
    const monit = readFileSync(path.join(this.job, "monit"), "utf8");
    return [...monit.matchAll(new RegExp(`${kind} program\\s+"([^"]+)"`, "g"))].map((m) => (m[1] ?? "").split(" "));
  }

  async start(): Promise<void> {
    await this.script("pre-start");
    await this.startProcesses();
    await this.script("post-start");
  }

  async startProcesses(): Promise<void> {
    for (const program of this.programs("start")) {
      const outcome = await this.run(program);
      if (outcome.code !== 0) throw new Error(`${program.join(" ")}: ${outcome.stderr}\n${this.logs()}`);
    }
  }

  /** As the Director stops an instance: drain, then stop. */
  async stop(): Promise<void> {
    await this.drain();
    for (const program of this.programs("stop")) await this.run(program);
  }

  async drain(): Promise<void> {
    for (let call = ["job_shutdown", "hash_unchanged"]; ; call = ["job_check_status", "hash_unchanged"]) {
      const answer = Number((await this.script("drain", ...call)) || "0");
      await new Promise((resolve) => setTimeout(resolve, Math.abs(answer) * 1000));
      if (answer >= 0) return;
    }
  }

  pid(name: string): number {
    return Number(readFileSync(path.join(this.vcap, "data/sys/run", this.context.job, `${name}.pid`), "utf8"));
  }

  logs(): string {
    const dir = path.join(this.vcap, "data/sys/log", this.context.job);
    return readdirSync(dir)
      .filter((name) => statSync(path.join(dir, name)).isFile())
      .map((name) => `--- ${name}\n${readFileSync(path.join(dir, name), "utf8").slice(-3000)}`)
      .join("\n");
  }

  /** The VM dies at once, with all it runs. */
  async destroy(): Promise<void> {
    if (this.holder.exitCode !== null || this.holder.signalCode !== null) return;
    const gone = new Promise((resolve) => this.holder.once("exit", resolve));
    try {
      process.kill(this.init, "SIGKILL");
    } catch {
      // Gone already.
    }
    this.holder.kill("SIGKILL");
    await gone;
  }
}

export function releaseSpec(release: string, job: string): { provides?: { name: string; type: string; properties?: string[] }[]; properties?: Record<string, { default?: unknown }> } {
  return parse(readFileSync(path.join(__dirname, "../../../releases", release, "jobs", job, "spec"), "utf8")) as ReturnType<typeof releaseSpec>;
}

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("exit", (code) => reject(new Error(`the namespace ended with ${code}`)));
  });
}

async function checked(command: string, args: readonly string[]): Promise<void> {
  const outcome = await collect(spawn(command, args), "");
  if (outcome.code !== 0) throw new Error(`${command} ${args.join(" ")}: ${outcome.stderr}`);
}

export function collect(child: ChildProcess, input: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (d: Buffer) => (stdout += d.toString()));
    child.stderr?.on("data", (d: Buffer) => (stderr += d.toString()));
    child.once("error", reject);
    child.once("exit", (code, signal) => setTimeout(() => resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr }), 20));
    // A program that ends without reading is no failure.
    child.stdin?.on("error", () => {}).end(input);
  });
}
