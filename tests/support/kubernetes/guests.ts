import type { LocalIaas } from "../../../provider/local/index.ts";
import type { Thing } from "./fake/objects.ts";
import type { Guests } from "./fake/pods.ts";

/** Pods of the fake as VMs of a local environment: each boots with the settings of its Secret, and its embedded agent answers. */
export class LocalGuests implements Guests {
  readonly #iaas: LocalIaas;
  readonly #azOf: (ip: string) => string;
  readonly #cids = new Map<string, string>();
  readonly #disks = new Map<string, string>();

  constructor(iaas: LocalIaas, azOf: (ip: string) => string) {
    this.#iaas = iaas;
    this.#azOf = azOf;
  }

  async boot(pod: Thing, text: string, claims: { claim: Thing; path: string }[]): Promise<string> {
    const settings = JSON.parse(text) as { networks: Record<string, { ip: string }> };
    const { ip } = Object.values(settings.networks)[0]!;
    const { cid } = await this.#iaas.createVm({ slot: pod.metadata.name, az: this.#azOf(ip), ip, settings });
    this.#cids.set(pod.metadata.uid, cid);
    for (const { claim, path } of claims) {
      const { cid: disk } = await this.#iaas.createDisk({ name: claim.metadata.name, sizeMiB: sizeOf(claim) });
      this.#disks.set(claim.metadata.uid, disk);
      await this.#run(cid, "/bin/sh", "-c", `mkdir -p "$(dirname ${path})" && ln -sfn ${await this.#iaas.attachDisk(cid, disk)} ${path}`);
    }
    return ip;
  }

  async end(pod: Thing): Promise<void> {
    const cid = this.#cids.get(pod.metadata.uid);
    this.#cids.delete(pod.metadata.uid);
    if (cid !== undefined) await this.#iaas.deleteVm(cid);
  }

  async grow(claim: Thing): Promise<void> {
    const disk = this.#disks.get(claim.metadata.uid);
    if (disk !== undefined) await this.#iaas.resizeDisk(disk, sizeOf(claim));
  }

  async forget(claim: Thing): Promise<void> {
    const disk = this.#disks.get(claim.metadata.uid);
    this.#disks.delete(claim.metadata.uid);
    if (disk !== undefined) await this.#iaas.deleteDisk(disk);
  }

  /** What a command prints in the Pod of this name. */
  async inside(pod: Thing, command: string): Promise<string> {
    return this.#run(this.#cids.get(pod.metadata.uid)!, "/bin/sh", "-c", command);
  }

  async #run(cid: string, ...argv: string[]): Promise<string> {
    const child = await this.#iaas.exec(cid, argv);
    let text = "";
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`${argv.join(" ")}: ${text}`);
    return text.trim();
  }
}

function sizeOf(claim: Thing): number {
  return Number(/^(\d+)Mi$/.exec(claim.spec.resources.requests.storage as string)![1]);
}
