import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import path from "node:path";
import type { LocalIaas } from "../../../provider/local/index.ts";

// Carries one connection of the deployer: to the gate's socket, after a line that says where it goes.
const CARRY = 'const s=require("net").connect(process.argv[1]);s.write(process.argv[2]+" "+process.argv[3]+"\\n");process.stdin.pipe(s);s.pipe(process.stdout);s.on("error",e=>{console.error(e.message);process.exit(1)})';

// A VM's /dev is its host's and read-only: one of its own, with what was in it, takes links to disks.
const OWN_DEV = `set -e
[ ! -d /dev/guests ] || exit 0
mkdir -p /run/dev
mount --rbind /dev /run/dev
mount -t tmpfs -o mode=0755 dev /dev
for at in /run/dev/*; do
  to=/dev/\${at##*/}
  if [ -L "$at" ]; then cp -d "$at" "$to"; continue; fi
  if [ -d "$at" ]; then mkdir "$to"; else : >"$to"; fi
  mount --rbind "$at" "$to"
done
mkdir /dev/guests`;

export interface GuestSubnet {
  az: string;
  cidr: string;
  gateway: string;
}

/** VMs of a simulated cloud that has none: VMs of a local environment, each booted with the settings of its user data. */
export class LocalGuests {
  readonly #iaas: LocalIaas;
  readonly #subnets: readonly GuestSubnet[];
  readonly #vms = new Map<string, string>();
  readonly #disks = new Map<string, string>();
  readonly #socket: string;
  /** What has happened, in order. */
  readonly history: { what: "boot" | "end"; id: string; ip: string }[] = [];
  readonly #ips = new Map<string, string>();
  #gate: Server | undefined;

  constructor(iaas: LocalIaas, folder: string, subnets: readonly GuestSubnet[]) {
    this.#iaas = iaas;
    this.#subnets = subnets;
    this.#socket = path.join(folder, "dial.sock");
  }

  /** The deployer's way in. */
  get access(): { kind: "command"; argv: string[] } {
    return { kind: "command", argv: [process.execPath, "-e", CARRY, this.#socket, "%h", "%p"] };
  }

  async start(): Promise<void> {
    await this.#iaas.ensureNetwork({ name: "default", subnets: [...this.#subnets] });
    this.#gate = createServer((socket) => this.#carry(socket));
    await new Promise<void>((resolve) => this.#gate!.listen(this.#socket, resolve));
  }

  async close(): Promise<void> {
    this.#gate?.close();
    await this.#iaas.destroy();
  }

  /** Ids of those that there are. */
  running(): string[] {
    return [...this.#vms.keys()];
  }

  async boot(id: string, userData: string, ip: string): Promise<void> {
    const settings = JSON.parse(userData) as { networks: Record<string, object> };
    // Its interface is there and configured before the agent runs.
    const networks = Object.fromEntries(Object.entries(settings.networks).map(([name, network]) => [name, { ...network, preconfigured: true }]));
    const subnet = this.#subnets.find(({ cidr }) => ip.startsWith(cidr.replace(/\d+\/\d+$/, "")));
    const { cid } = await this.#iaas.createVm({ slot: id, az: subnet?.az ?? "", ip, settings: { ...settings, networks } });
    this.#vms.set(id, cid);
    this.#ips.set(id, ip);
    this.history.push({ what: "boot", id, ip });
  }

  async end(id: string): Promise<void> {
    const cid = this.#vms.get(id);
    this.#vms.delete(id);
    if (cid === undefined) return;
    this.history.push({ what: "end", id, ip: this.#ips.get(id) ?? "" });
    await this.#iaas.deleteVm(cid);
  }

  /** `hint` is where the agent is told to look. */
  async attach(id: string, volume: string, gib: number, hint: string): Promise<void> {
    const vm = this.#vms.get(id);
    if (vm === undefined) throw new Error(`${id} does not run`);
    const { cid } = await this.#iaas.createDisk({ name: volume, sizeMiB: gib * 1024 });
    this.#disks.set(volume, cid);
    const at = await this.#iaas.attachDisk(vm, cid);
    await this.#inVm(vm, ["sh", "-c", OWN_DEV]);
    await this.#inVm(vm, ["sh", "-c", 'mkdir -p "${1%/*}" && ln -sfn "$0" "$1"', at, hint]);
  }

  /** Fails while the agent has it mounted. */
  async detach(id: string, volume: string): Promise<void> {
    const [vm, disk] = [this.#vms.get(id), this.#disks.get(volume)];
    if (vm === undefined || disk === undefined) return;
    const running = (await this.#iaas.findVm(vm))?.state === "running";
    if (running && (await this.mounted(id))) throw new Error(`${volume} is mounted`);
    await this.#iaas.detachDisk(vm, disk);
  }

  async forget(volume: string): Promise<void> {
    const disk = this.#disks.get(volume);
    this.#disks.delete(volume);
    if (disk !== undefined) await this.#iaas.deleteDisk(disk);
  }

  async grow(volume: string, gib: number): Promise<void> {
    const disk = this.#disks.get(volume);
    if (disk !== undefined) await this.#iaas.resizeDisk(disk, gib * 1024);
  }

  /** Whether the VM has a persistent disk mounted. */
  async mounted(id: string): Promise<boolean> {
    return (await this.inVm(id, ["sh", "-c", "grep -c ' /var/vcap/store ' /proc/self/mounts || :"])).trim() !== "0";
  }

  /** What a program prints in the VM. */
  inVm(id: string, argv: readonly string[]): Promise<string> {
    const vm = this.#vms.get(id);
    if (vm === undefined) throw new Error(`${id} does not run`);
    return this.#inVm(vm, argv);
  }

  async #inVm(vm: string, argv: readonly string[]): Promise<string> {
    const child = await this.#iaas.exec(vm, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${printed}`);
    return printed;
  }

  #carry(socket: Socket): void {
    socket.on("error", () => undefined);
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\n");
      if (end < 0) return;
      socket.off("data", read);
      socket.pause();
      const [ip = "", port = ""] = head.subarray(0, end).toString().split(" ");
      this.#iaas.dial(ip, Number(port)).then(
        (stream) => {
          stream.on("error", () => socket.destroy());
          socket.on("close", () => stream.destroy());
          stream.write(head.subarray(end + 1));
          socket.pipe(stream).pipe(socket);
        },
        () => socket.destroy(),
      );
    };
    socket.on("data", read);
  }
}
