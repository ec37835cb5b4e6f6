import { mkdirSync } from "node:fs";
import path from "node:path";
import type { GroupSketch } from "../platform/index.ts";
import { loginsIn, readSshdLog, startSshd, type SshLogin } from "../stand-in/guest-sshd.ts";
import { DEPLOYER, Outside } from "../stand-in/outside.ts";
import type { CloudSketch } from "../stand-in/platform.ts";
import type { Thing } from "./fake/store.ts";
import { OpenstackPlatform } from "./platform.ts";

/** Our fake OpenStack with a real sshd in every VM, and the deployer in a network that has a way to floating addresses only. */
export class BehindJumpbox extends OpenstackPlatform {
  readonly #outside = new Outside();
  readonly #external: Thing;

  /** @param sshd the folder with it */
  constructor(name: string, sshd: string) {
    super(name);
    this.guests.atBoot = (vm) => startSshd(this.guestIaas, vm, sshd);
    this.#external = this.cloud.store.networks.add({ name: "public", "router:external": true, tags: [] });
  }

  protected override get outside(): Outside {
    return this.#outside;
  }

  override async start(): Promise<void> {
    mkdirSync(this.tmp);
    await super.start();
    await this.#outside.open(this.guestIaas, { folder: this.platform.folder, apiPort: Number(new URL(this.cloud.url).port) });
    this.platform.prefix = this.#outside.prefix;
  }

  override deploy(groups: GroupSketch[], { iaas, environment, ...sketch }: CloudSketch = {}): void {
    const jumpbox = { vmType: "default", stemcell: { os: "local", version: sketch.stemcell ?? "1" } };
    super.deploy(groups, {
      ...sketch,
      iaas: { access: undefined, floatingIpPool: this.#external["name"] as string, externalNetworkId: this.#external.id, ...iaas },
      environment: { deployerRanges: [`${DEPLOYER}/32`], jumpbox, ...environment },
    });
  }

  /** Where commands keep what they need for a moment. */
  get tmp(): string {
    return path.join(this.platform.folder, "tmp");
  }

  override get env(): Record<string, string> {
    return { ...super.env, TMPDIR: this.tmp };
  }

  /** The jumpboxes that there are, the oldest first. */
  jumpboxes(): Thing[] {
    return this.cloud.store.servers.all().filter((server) => String(server["name"]).startsWith("env-jumpbox"));
  }

  /** Who came through a VM's sshd so far. */
  async logins(server: Thing): Promise<SshLogin[]> {
    return loginsIn(await this.guests.inVm(server.id, readSshdLog));
  }

  /** SSH users that an agent has let in and not sent away again. */
  async usersOf(server: Thing): Promise<string[]> {
    const printed = await this.guests.inVm(server.id, ["sh", "-c", "ls /var/vcap/bosh_ssh 2>/dev/null || :"]);
    return printed.split("\n").filter(Boolean);
  }

  /** What a shell command prints where the deployer is, or how it fails. */
  out(command: string): Promise<{ code: number; text: string }> {
    return this.#outside.run(["bash", "-c", command]);
  }

  override async close(): Promise<void> {
    await this.#outside.close().finally(() => super.close());
  }
}
