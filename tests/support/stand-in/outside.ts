import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import path from "node:path";
import type { LocalIaas } from "../../../provider/local/index.ts";
import { startCommand } from "../platform/command.ts";

/** The deployer's own address. */
export const DEPLOYER = "203.0.113.7";
/** What security groups open to the deployer alone on a jumpbox. */
const PORTS = [22, 6868];

const CARRY = `const [, here, ports, to] = process.argv;
const net = require("net");
let left = ports.split(",").length;
for (const port of ports.split(",").map(Number)) {
  net.createServer((socket) => {
    const there = to.startsWith("/") ? net.connect(to) : net.connect(port, to);
    socket.on("error", () => there.destroy()).on("close", () => there.destroy());
    there.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.pipe(there).pipe(socket);
  }).listen(port, here, () => --left || console.log("listens"));
}
process.stdin.resume().on("end", () => process.exit(0));`;

/**
 * Where the deployer is: a network namespace of its own beside that of the VMs, with a cable between them. It has no route to any VM, only to
 * floating addresses; each of those leads to the ports of one VM that its security group opens. The cloud's API is at the same address as here.
 */
export class Outside {
  readonly #children = new Set<ChildProcess>();
  readonly #floating = new Map<string, ChildProcess>();
  #keeper: ChildProcess | undefined;
  #inside: string[] = [];
  #api: Server | undefined;

  /** Words before a command that run it out there. */
  get prefix(): string[] {
    return ["nsenter", `--net=/proc/${this.#keeper!.pid}/ns/net`, "--"];
  }

  async open(iaas: LocalIaas, options: { folder: string; apiPort: number }): Promise<void> {
    const network = await iaas.findNetwork();
    this.#inside = ["nsenter", "--target", String(network!.holderPid), "--user", "--net", "--"];
    this.#keeper = await this.#start([...this.#inside, "unshare", "--net", "sh", "-c", "ip link set lo up; echo there; exec cat"]);
    const pid = String(this.#keeper.pid);
    run([...this.#inside, "ip", "link", "add", "name", "outside", "type", "veth", "peer", "name", "eth0", "netns", pid]);
    run([...this.#inside, "sh", "-c", "ip addr add 203.0.113.1/24 dev outside; ip link set outside up"]);
    run([...this.prefix, "sh", "-c", `ip addr add ${DEPLOYER}/24 dev eth0; ip link set eth0 up`]);
    const socket = path.join(options.folder, "api.sock");
    this.#api = createServer((here) => {
      const there = connect(options.apiPort, "127.0.0.1");
      here.on("error", () => there.destroy()).on("close", () => there.destroy());
      there.on("error", () => here.destroy()).on("close", () => here.destroy());
      here.pipe(there).pipe(here);
    }).listen(socket);
    await once(this.#api, "listening");
    await this.#start([...this.prefix, process.execPath, "-e", CARRY, "127.0.0.1", String(options.apiPort), socket]);
  }

  /** Leads a floating address to a VM. */
  async expose(address: string, ip: string): Promise<void> {
    run([...this.#inside, "ip", "addr", "add", `${address}/32`, "dev", "outside"]);
    this.#floating.set(address, await this.#start([...this.#inside, process.execPath, "-e", CARRY, address, PORTS.join(), ip]));
  }

  async hide(address: string): Promise<void> {
    await this.#end(this.#floating.get(address));
    this.#floating.delete(address);
    run([...this.#inside, "ip", "addr", "del", `${address}/32`, "dev", "outside"]);
  }

  async run(argv: readonly string[]): Promise<{ code: number; text: string }> {
    const { code, text } = await startCommand([...this.prefix, ...argv] as [string, ...string[]], { cwd: "/", env: process.env }).done;
    return { code, text };
  }

  async close(): Promise<void> {
    this.#api?.close();
    await Promise.all([...this.#children].map((child) => this.#end(child)));
  }

  /** Starts a program that says when it is ready, and ends with its input: with this process at the latest. */
  async #start(argv: readonly string[]): Promise<ChildProcess> {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdin.on("error", () => undefined);
    this.#children.add(child);
    child.once("close", () => this.#children.delete(child));
    await Promise.race([once(child.stdout, "data"), once(child, "close").then(() => Promise.reject(new Error(`${argv.join(" ")} did not start: ${said}`)))]);
    return child;
  }

  async #end(child: ChildProcess | undefined): Promise<void> {
    if (!child || !this.#children.has(child)) return;
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

function run(argv: readonly string[]): void {
  const [program = "", ...args] = argv;
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${error?.message ?? stderr}`);
}
