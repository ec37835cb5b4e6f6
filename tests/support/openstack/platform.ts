import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenstackApi } from "../../../provider/openstack/api.ts";
import type { Outside } from "../stand-in/outside.ts";
import { CloudPlatform, type CloudProgram } from "../stand-in/platform.ts";
import { FakeOpenstack } from "./fake/index.ts";
import type { Thing } from "./fake/store.ts";
import { serverGuests } from "./guests.ts";

/** Our fake OpenStack, with the provider plugin that is on the PATH, else our stand-in. */
export class OpenstackPlatform extends CloudPlatform {
  readonly cloud: FakeOpenstack;
  /** By version. */
  readonly images: Readonly<Record<string, Thing>>;

  constructor(name: string) {
    super(name, "10.98", { name: "openstack", entry: path.join(__dirname, "plugin", "main.ts"), orReal: true });
    this.cloud = new FakeOpenstack(serverGuests(this.guests, () => this.outside));
    const { store } = this.cloud;
    for (const flavor of ["small", "large"]) store.flavors.add({ name: flavor, ram: 1024, vcpus: 1, disk: 10 });
    this.images = Object.fromEntries(["1", "2"].map((version) => [version, store.images.add({ name: `local/${version}`, status: "active" })]));
  }

  /** Where the deployer is, if not beside the VMs. */
  protected get outside(): Outside | undefined {
    return undefined;
  }

  protected startCloud(): Promise<unknown> {
    return this.cloud.start();
  }

  protected closeCloud(): Promise<void> {
    return this.cloud.close();
  }

  protected get cloudEnvironment(): Record<string, string> {
    return this.cloud.environment;
  }

  /** Ends a server as somebody else would. */
  async deleteServer(id: string): Promise<void> {
    const api = await OpenstackApi.open(this.cloud.environment);
    await api.remove("compute", `/servers/${id}`);
    for (const until = Date.now() + 30_000; this.cloud.store.servers.find(id); await sleep(20)) assert.ok(Date.now() < until, `${id} is still there`);
  }

  protected program(): CloudProgram {
    const stemcells = Object.fromEntries(Object.entries(this.images).map(([version, { id }]) => [`local/${version}`, { imageId: id }]));
    return { adapter: "openstackIaas", iaas: { stemcells }, az: (n) => ({ availability_zone: `nova-z${n + 1}` }), vm: { instance_type: "small" } };
  }
}
