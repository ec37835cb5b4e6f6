import path from "node:path";
import { CloudPlatform, type CloudProgram } from "../stand-in/platform.ts";
import { FIRST_PERSISTENT_UNIT, ToldGuests } from "./guests.ts";
import { Api } from "./plugin/api.ts";
import { Vcsim } from "./vcsim.ts";

/** The simulator's templates have disks of this size. */
const TEMPLATE_GIB = 10;

/** govmomi's simulated vCenter, with the provider plugin that is on the PATH, else our stand-in. */
export class VspherePlatform extends CloudPlatform {
  readonly told: ToldGuests;
  readonly #program: string;
  readonly #shared: boolean;
  #cloud: Vcsim | undefined;

  /** @param options.oneCluster all AZs in one cluster, so that rules keep VMs apart */
  constructor(name: string, program: string, options: { oneCluster?: boolean } = {}) {
    super(name, "10.96", { name: "vsphere", entry: path.join(__dirname, "plugin", "main.ts"), orReal: true });
    this.#program = program;
    this.#shared = options.oneCluster ?? false;
    this.told = new ToldGuests(this.guests);
  }

  get cloud(): Vcsim {
    if (this.#cloud === undefined) throw new Error("start it first");
    return this.#cloud;
  }

  /** Destroys a VM as another client of the vCenter would; disks that it attached stay. */
  removeVm(id: string): Promise<void> {
    return this.#asAnother("deleteVM", { id, keep: [FIRST_PERSISTENT_UNIT] });
  }

  /** As another client would. */
  powerOn(id: string): Promise<void> {
    return this.#asAnother("powerOn", { id });
  }

  /** A file in the environment's folder that no state knows. */
  strayDisk(name: string): Promise<void> {
    return this.#asAnother("createDisk", { datacenter: "DC0", datastore: "LocalDS_0", vmdkPath: `repave-env/${name}.vmdk`, size: 1, type: "lazy" });
  }

  async #asAnother(op: string, args: object): Promise<void> {
    const api = new Api(this.#program, this.cloud.environment);
    await api.call(op, args);
    await api.close();
  }

  protected async startCloud(): Promise<void> {
    await this.told.start();
    this.#cloud = await Vcsim.start(this.#program, this.told.url);
  }

  protected async closeCloud(): Promise<void> {
    await this.#cloud?.stop();
    await this.told.close();
  }

  protected get cloudEnvironment(): Record<string, string> {
    return { ...this.cloud.environment, VCSIM: this.#program };
  }

  protected program(): CloudProgram {
    const stemcells = Object.fromEntries(["1", "2", "3"].map((version) => [`local/${version}`, { template: `stemcell-${version}`, diskGiB: TEMPLATE_GIB }]));
    const clusterOf = (n: number) => (this.#shared ? 0 : n);
    return {
      adapter: "vsphereIaas",
      iaas: { stemcells, datastore: "LocalDS_0", compilation: { localEnvironment: this.guestEnvironment } },
      az: (n) => ({ datacenters: [{ name: "DC0", clusters: [{ [`DC0_C${clusterOf(n)}`]: { resource_pool: `DC0_C${clusterOf(n)}_RP1` } }] }] }),
      vm: { cpu: 1, ram: 1024, disk: 2048 },
      balancer: { cloud_properties: { address: "10.96.1.250" } },
      subnet: ({ cidr }) => ({ reserved: [cidr.replace(/0\/24$/, "250")], cloud_properties: { name: "DC0_DVPG0" } }),
    };
  }
}
