import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { LocalGuests } from "../stand-in/guests.ts";
import type { SimulatedVm } from "./vcsim.ts";

/** Unit of a VM's first persistent disk. */
export const FIRST_PERSISTENT_UNIT = 2;
const KIB_IN_MIB = 1024;

// The folder where the embedded agent looks for a disk whose hint is no path is its IaaS's: one of the VM's own, over it, takes links.
const OWN_DEVICES = `set -e
if [ ! -d /run/devices ]; then
  mkdir /run/devices
  mount --rbind /var/vcap/devices /run/devices
  mount -t tmpfs -o mode=0755 devices /var/vcap/devices
fi
ln -sfn "/run/devices/\${1##*/}" "/var/vcap/devices/$0"`;

/** What the simulator tells of its VMs, done by local ones: a VM is on once its guest is there, with its disks, and off once that is gone. */
export class ToldGuests {
  /** What went wrong, for tests to find nothing in. */
  readonly problems: string[] = [];
  readonly #guests: LocalGuests;
  readonly #listener: Server;

  constructor(guests: LocalGuests) {
    this.#guests = guests;
    this.#listener = createServer((request, response) => {
      this.#told(request).then(
        () => response.end(),
        (error: Error) => {
          this.problems.push(`${request.url}: ${error.message}`);
          response.writeHead(500).end(error.message);
        },
      );
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#listener.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#listener.closeAllConnections();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  async #told(request: IncomingMessage): Promise<void> {
    const about = JSON.parse(Buffer.concat(await request.toArray()).toString()) as SimulatedVm & { file: string };
    if (request.url === "/boot") return this.#boot(about);
    if (request.url === "/end") return this.#end(about);
    await this.#guests.forget(diskName(about.file));
  }

  async #boot({ id, config, disks }: SimulatedVm): Promise<void> {
    const text = Buffer.from(config["guestinfo.userdata"] ?? "", "base64").toString();
    const { networks } = JSON.parse(text) as { networks: Record<string, { ip: string }> };
    await this.#guests.boot(id, text, Object.values(networks)[0]!.ip);
    for (const disk of persistent(disks)) {
      const name = diskName(disk.file);
      await this.#guests.grow(name, disk.kib / KIB_IN_MIB);
      const at = await this.#guests.attach(id, name, disk.kib / KIB_IN_MIB);
      await this.#guests.inVm(id, ["sh", "-c", OWN_DEVICES, name, at]);
    }
  }

  async #end({ id, disks }: SimulatedVm): Promise<void> {
    if (!this.#guests.running().includes(id)) return;
    for (const { file } of persistent(disks)) {
      // Said, and the VM ends all the same, as it would.
      await this.#guests.detach(id, diskName(file)).catch((error: Error) => void this.problems.push(error.message));
    }
    await this.#guests.end(id);
  }
}

function persistent(disks: SimulatedVm["disks"]): SimulatedVm["disks"] {
  return disks.filter(({ unit }) => unit >= FIRST_PERSISTENT_UNIT);
}

/** Of `[datastore] folder/NAME.vmdk`. */
function diskName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.vmdk$/, "");
}
