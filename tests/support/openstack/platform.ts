import path from "node:path";
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
    this.cloud = new FakeOpenstack(serverGuests(this.guests));
    const { store } = this.cloud;
    for (const flavor of ["small", "large"]) store.flavors.add({ name: flavor, ram: 1024, vcpus: 1, disk: 10 });
    this.images = Object.fromEntries(["1", "2"].map((version) => [version, store.images.add({ name: `local/${version}`, status: "active" })]));
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

  protected program(): CloudProgram {
    const stemcells = Object.fromEntries(Object.entries(this.images).map(([version, { id }]) => [`local/${version}`, { imageId: id }]));
    return { adapter: "openstackIaas", iaas: { stemcells }, az: (n) => ({ availability_zone: `nova-z${n + 1}` }), vm: { instance_type: "small" } };
  }
}
