import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { AGENT_ENVIRONMENT, AGENT_NODE_FLAGS, EXIT_SHUTDOWN } from "../../agent/flags.ts";
import { AgentClient, type AgentClientOptions, waitForAgent } from "../../provider/agent/index.ts";
import { makeAuthority, type TestAuthority } from "./agent-certificates.ts";

/** What plays the agent: ours, built from the sources, or a real one. */
export interface AgentProgram {
  name: string;
  /** Whether it supervises processes; the real one's stand-alone mode does not. */
  supervises: boolean;
  command(base: string): { file: string; args: string[]; env: NodeJS.ProcessEnv };
}

export async function embeddedAgent(): Promise<{ program: AgentProgram; bundle: string; remove: () => void }> {
  const dir = mkdtempSync(path.join(os.tmpdir(), "repave-agent-"));
  const bundle = path.join(dir, "agent.cjs");
  execFileSync(process.execPath, [path.resolve(__dirname, "../../scripts/build-agent.mjs"), bundle], { stdio: "pipe" });
  const program: AgentProgram = {
    name: "embedded agent",
    supervises: true,
    command: (base) => ({
      file: process.execPath,
      args: [...AGENT_NODE_FLAGS, bundle, "-b", base, "-C", path.join(base, "agent.json")],
      env: { PATH: process.env.PATH, ...AGENT_ENVIRONMENT },
    }),
  };
  return { program, bundle, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function realAgent(binary: string): AgentProgram {
  return {
    name: "bosh-agent",
    supervises: false,
    command: (base) => ({
      file: binary,
      args: ["-P", "dummy", "-M", "dummy", "-b", base, "-C", path.join(base, "agent.json")],
      env: { PATH: process.env.PATH },
    }),
  };
}

/** One agent in a folder of its own, started again whenever it exits, as a VM's init does. */
export class RunningAgent {
  readonly base: string;
  readonly agentId: string;
  readonly port: number;
  readonly password = "p@ss/word 1";
  readonly authority: TestAuthority;
  readonly program: AgentProgram;
  readonly #clients: AgentClient[] = [];
  #child: ChildProcess | undefined;
  #ended = false;
  #gone: Promise<void> = Promise.resolve();

  constructor(options: { program: AgentProgram; base: string; agentId: string; port: number; authority: TestAuthority }) {
    this.program = options.program;
    this.base = options.base;
    this.agentId = options.agentId;
    this.port = options.port;
    this.authority = options.authority;
  }

  static async start(program: AgentProgram, options: { settings?: Record<string, unknown>; authority?: TestAuthority } = {}): Promise<RunningAgent> {
    const base = mkdtempSync(path.join(os.tmpdir(), "repave-vcap-"));
    const authority = options.authority ?? (await makeAuthority());
    const agent = new RunningAgent({ program, base, agentId: `agent-${path.basename(base).toLowerCase()}`, port: await freePort(), authority });
    const pair = await authority.issue(agent.agentId);
    const settings = {
      agent_id: agent.agentId,
      vm: { name: "vm-test" },
      mbus: agent.mbusUrl(agent.password),
      ntp: [],
      networks: { default: { type: "manual", ip: "127.0.0.1", netmask: "255.0.0.0", gateway: "127.0.0.1", dns: [], default: ["dns", "gateway"] } },
      disks: { system: "", ephemeral: "", persistent: {} },
      env: {
        bosh: {
          mbus: { cert: { ca: authority.ca, ...pair } },
          blobstores: [{ provider: "local", options: { blobstore_path: path.join(base, "data", "blobs") } }],
        },
      },
      ...options.settings,
    };
    mkdirSync(path.join(base, "bosh"), { recursive: true });
    writeFileSync(path.join(base, "settings-source.json"), JSON.stringify(settings), { mode: 0o600 });
    const source = { Type: "File", SettingsPath: path.join(base, "settings-source.json") };
    writeFileSync(path.join(base, "agent.json"), JSON.stringify({ Platform: { Linux: {} }, Infrastructure: { Settings: { Sources: [source] } } }));
    agent.#spawn();
    await waitForAgent(agent.client(), { deadline: 20_000, interval: 50 });
    return agent;
  }

  mbusUrl(password: string): string {
    return `https://mbus:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
  }

  client(options: Partial<AgentClientOptions> = {}): AgentClient {
    const client = new AgentClient({
      instance: "test/0",
      address: { ip: "127.0.0.1", port: this.port },
      user: "mbus",
      password: this.password,
      ca: this.authority.ca,
      serverName: this.agentId,
      blobsDir: path.join(this.base, "data", "blobs"),
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  at(...parts: string[]): string {
    return path.join(this.base, ...parts);
  }

  read(...parts: string[]): string {
    return readFileSync(this.at(...parts), "utf8");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends the agent's process without warning; it is started again. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Ends the agent and everything that was started below its folder, and removes the folder. */
  async remove(): Promise<void> {
    this.#ended = true;
    for (const client of this.#clients) client.close();
    this.#child?.kill("SIGKILL");
    await this.#gone;
    killProcessesOf(this.base);
    rmSync(this.base, { recursive: true, force: true });
  }

  #spawn(): void {
    const { file, args, env } = this.program.command(this.base);
    const child = spawn(file, args, { env, stdio: "ignore", cwd: this.base });
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      const next = (code: number | null) => {
        resolve();
        if (!this.#ended && code !== EXIT_SHUTDOWN) setTimeout(() => this.#ended || this.#spawn(), 100);
      };
      child.once("exit", next);
      child.once("error", () => next(EXIT_SHUTDOWN));
    });
  }
}

/** Jobs of these tests carry their base folder in their command line. */
function killProcessesOf(base: string): void {
  let list = "";
  try {
    list = execFileSync("pgrep", ["-f", base], { encoding: "utf8" });
  } catch {
    return;
  }
  for (const pid of list.trim().split("\n").map(Number)) {
    try {
      if (pid !== process.pid) process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
