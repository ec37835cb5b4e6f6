import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { LocalIaas } from "../../../provider/local/index.ts";
import type { Guests, Thing } from "./fake/store.ts";

// A shell starts sooner than anything else when the machine is busy.
const CARRY = 'exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1; echo "$1 $2" >&3; cat <&3 & trap "kill $!" EXIT; trap "exit 0" TERM; cat >&3';

/** Servers of the fake as VMs of a local environment: each boots with the settings of its user data, and its embedded agent answers. */
export class LocalGuests implements Guests {
  readonly #iaas: LocalIaas;
  readonly #azOf: (ip: string) => string;
  readonly #cids = new Map<string, string>();
  readonly #disks = new Map<string, string>();
  readonly #carried = new Set<Socket>();
  #gate: Server | undefined;

  constructor(iaas: LocalIaas, azOf: (ip: string) => string) {
    this.#iaas = iaas;
    this.#azOf = azOf;
  }

  /** The deployer's way in. */
  get access(): { kind: "command"; argv: string[] } {
    return { kind: "command", argv: ["bash", "-c", CARRY, String((this.#gate!.address() as AddressInfo).port), "%h", "%p"] };
  }

  async start(subnets: readonly { az: string; cidr: string; gateway: string }[]): Promise<void> {
    await this.#iaas.ensureNetwork({ name: "default", subnets: [...subnets] });
    this.#gate = createServer((socket) => {
      socket.on("error", () => undefined);
      this.#carried.add(socket);
      socket.once("close", () => this.#carried.delete(socket));
      let head = Buffer.alloc(0);
      const listen = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\n");
        if (end < 0) return;
        socket.off("data", listen);
        socket.pause();
        const [ip = "", port = ""] = head.subarray(0, end).toString("utf8").split(" ");
        // What came with the line is the agent's already.
        void this.#carry(socket, head.subarray(end + 1), ip, Number(port));
      };
      socket.on("data", listen);
    });
    await new Promise<void>((resolve) => this.#gate!.listen(0, "127.0.0.1", resolve));
  }

  async #carry(socket: Socket, first: Buffer, ip: string, port: number): Promise<void> {
    try {
      const stream = await this.#iaas.dial(ip, port);
      stream.on("error", () => socket.destroy());
      socket.on("close", () => stream.destroy());
      if (first.length > 0) stream.write(first);
      socket.pipe(stream).pipe(socket);
    } catch {
      socket.destroy();
    }
  }

  async close(): Promise<void> {
    this.#gate?.close();
    for (const socket of this.#carried) socket.destroy();
    await this.#iaas.destroy();
  }

  async boot(server: Thing, userData: string, ips: readonly string[]): Promise<void> {
    const settings = JSON.parse(userData) as { networks: Record<string, object> };
    const networks = Object.fromEntries(Object.entries(settings.networks).map(([name, network]) => [name, { ...network, preconfigured: true }]));
    const [ip = ""] = ips;
    const { cid } = await this.#iaas.createVm({ slot: server.id, az: this.#azOf(ip), ip, settings: { ...settings, networks } });
    this.#cids.set(server.id, cid);
  }

  async end(server: Thing): Promise<void> {
    const cid = this.#cids.get(server.id);
    this.#cids.delete(server.id);
    if (cid !== undefined) await this.#iaas.deleteVm(cid);
  }

  async attach(server: Thing, volume: Thing): Promise<string> {
    const { cid } = await this.#iaas.createDisk({ name: volume.id, sizeMiB: Number(volume["size"]) * 1024 });
    this.#disks.set(volume.id, cid);
    return this.#iaas.attachDisk(this.#cids.get(server.id)!, cid);
  }

  async detach(server: Thing, volume: Thing): Promise<void> {
    const [vm, disk] = [this.#cids.get(server.id), this.#disks.get(volume.id)];
    if (vm !== undefined && disk !== undefined) await this.#iaas.detachDisk(vm, disk);
  }

  async forget(volume: Thing): Promise<void> {
    const disk = this.#disks.get(volume.id);
    this.#disks.delete(volume.id);
    if (disk !== undefined) await this.#iaas.deleteDisk(disk);
  }
}
