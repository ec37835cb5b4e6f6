import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { AccessPath } from "../../../components/iaas/port.ts";
import type { LocalIaas } from "../../../provider/local/index.ts";
import { compilationSubnet } from "../../../provider/resources/local-network.ts";
import { Gate } from "./gate.ts";

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
  /** Called with each VM's CID before it counts as booted: what its stemcell starts beside the agent. */
  atBoot: ((vm: string) => Promise<void>) | undefined;
  /** What has happened, in order. */
  readonly history: { what: "boot" | "end"; id: string; ip: string }[] = [];
  readonly #iaas: LocalIaas;
  readonly #subnets: readonly GuestSubnet[];
  readonly #gate: Gate;
  readonly #vms = new Map<string, string>();
  readonly #ips = new Map<string, string>();
  readonly #disks = new Map<string, string>();
  readonly #forwarders: Server[] = [];

  constructor(iaas: LocalIaas, subnets: readonly GuestSubnet[]) {
    this.#iaas = iaas;
    this.#subnets = subnets;
    this.#gate = new Gate(iaas);
  }

  /** The deployer's way in. */
  get access(): AccessPath {
    return this.#gate.access;
  }

  async start(): Promise<void> {
    await this.#iaas.ensureNetwork({ name: "default", subnets: [...this.#subnets, compilationSubnet] });
    await this.#gate.start();
  }

  /** A URL of this computer that leads to an address of the guests' network, connection by connection. */
  async forward(ip: string, port: number): Promise<string> {
    const forwarder = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => undefined);
      this.#iaas.dial(ip, port).then(
        (stream) => {
          stream.on("error", () => socket.destroy());
          socket.on("close", () => stream.destroy());
          socket.pipe(stream).pipe(socket);
        },
        () => socket.destroy(),
      );
    });
    this.#forwarders.push(forwarder);
    await new Promise<void>((resolve) => forwarder.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(forwarder.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const forwarder of this.#forwarders) forwarder.close();
    this.#gate.close();
    await this.#iaas.destroy();
  }

  /** Ids of those that there are. */
  running(): string[] {
    return [...this.#vms.keys()];
  }

  /** What there is, VMs and disks, whether this remembers it or not: nothing once a cloud is empty. */
  async left(): Promise<string[]> {
    const [vms, disks] = await Promise.all([this.#iaas.listVms(), this.#iaas.listDisks()]);
    return [...vms, ...disks].map(({ cid }) => cid);
  }

  /** Sizes of the disks, in MiB. */
  async diskSizes(): Promise<number[]> {
    return (await this.#iaas.listDisks()).map((disk) => disk.sizeMiB);
  }

  /** @param text the agent's settings, as the cloud has them for the VM */
  async boot(id: string, text: string, ip: string): Promise<void> {
    const settings = JSON.parse(text) as { networks: Record<string, object> };
    // Its interface is there and configured before the agent runs.
    const networks = Object.fromEntries(Object.entries(settings.networks).map(([name, network]) => [name, { ...network, preconfigured: true }]));
    const subnet = this.#subnets.find(({ cidr }) => ip.startsWith(cidr.replace(/\d+\/\d+$/, "")));
    const { cid } = await this.#iaas.createVm({ slot: id, az: subnet?.az ?? "", ip, settings: { ...settings, networks } });
    await this.atBoot?.(cid);
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

  /** Gives the disk's path in the VM. Where the cloud tells the agent another one, it is found there too: `hint`. */
  async attach(id: string, volume: string, mib: number, hint?: string): Promise<string> {
    const vm = this.#cidOf(id);
    const { cid } = await this.#iaas.createDisk({ name: volume, sizeMiB: mib });
    this.#disks.set(volume, cid);
    const at = await this.#iaas.attachDisk(vm, cid);
    if (hint === undefined) return at;
    if (hint.startsWith("/dev/")) await this.#inVm(vm, ["sh", "-c", OWN_DEV]);
    await this.#inVm(vm, ["sh", "-c", 'mkdir -p "${1%/*}" && ln -sfn "$0" "$1"', at, hint]);
    return hint;
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

  async grow(volume: string, mib: number): Promise<void> {
    const disk = this.#disks.get(volume);
    if (disk !== undefined) await this.#iaas.resizeDisk(disk, mib);
  }

  /** Whether the VM has a persistent disk mounted. */
  async mounted(id: string): Promise<boolean> {
    return (await this.inVm(id, ["sh", "-c", "grep -c ' /var/vcap/store ' /proc/self/mounts || :"])).trim() !== "0";
  }

  /** What a program prints in the VM. */
  inVm(id: string, argv: readonly string[]): Promise<string> {
    return this.#inVm(this.#cidOf(id), argv);
  }

  #cidOf(id: string): string {
    const vm = this.#vms.get(id);
    if (vm === undefined) throw new Error(`${id} does not run`);
    return vm;
  }

  async #inVm(vm: string, argv: readonly string[]): Promise<string> {
    const child = await this.#iaas.exec(vm, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${printed}`);
    return printed;
  }
}
