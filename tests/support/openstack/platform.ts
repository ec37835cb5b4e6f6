import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { LocalIaas } from "../../../provider/local/index.ts";
import { TestPlatform, type Finished, type GroupSketch, type InstanceRow } from "../platform/index.ts";
import { leaveTrace } from "../traces.ts";
import { FakeOpenstack } from "./fake/index.ts";
import type { Thing } from "./fake/store.ts";
import { LocalGuests } from "./guests.ts";

const checkout = path.resolve(__dirname, "..", "..", "..");
const subnets = [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `10.98.${n}.0/24`, gateway: `10.98.${n}.1` }));

export interface OpenstackSketch {
  /** Further arguments of the adapter. */
  iaas?: object;
  properties?: object;
  /** Vm type's cloud properties. */
  vm?: object;
  stemcell?: string;
  update?: object;
}

/** Whether a real provider plugin is on the PATH. */
export function realPlugin(): string | undefined {
  return (process.env["PATH"] ?? "").split(":").map((folder) => path.join(folder, "pulumi-resource-openstack")).find(existsSync);
}

/**
 * A project on the fake OpenStack, driven by the compiled command line and the real engine, with the provider plugin that is on the PATH,
 * else our stand-in. Servers are VMs of a local environment. Always `close` it.
 */
export class OpenstackPlatform {
  readonly platform: TestPlatform;
  readonly guests: LocalGuests;
  readonly cloud: FakeOpenstack;
  readonly guestIaas: LocalIaas;
  readonly images: Record<string, Thing> = {};
  readonly #plugins: string;

  constructor(name: string) {
    this.platform = new TestPlatform(name);
    const environment = `${this.platform.project}-guests`;
    const stateDir = path.join(this.platform.home, "local");
    leaveTrace({ folder: this.platform.folder, stateDir, environment });
    this.guestIaas = new LocalIaas({ stateDir, environment, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
    this.guests = new LocalGuests(this.guestIaas, (ip) => `z${ip.split(".")[2]}`);
    this.cloud = new FakeOpenstack(this.guests);
    this.#plugins = path.join(this.platform.folder, "plugins");
  }

  async start(): Promise<void> {
    for (const flavor of ["small", "large"]) this.cloud.store.flavors.add({ name: flavor, ram: 1024, vcpus: 1, disk: 10 });
    for (const version of ["1", "2"]) this.images[version] = this.cloud.store.images.add({ name: `local/${version}`, status: "active" });
    await Promise.all([this.cloud.start(), this.guests.start(subnets), this.#plugin()]);
  }

  async #plugin(): Promise<void> {
    const { folder } = this.platform;
    symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
    mkdirSync(this.#plugins);
    if (realPlugin()) return;
    const bundle = path.join(this.#plugins, "openstack.cjs");
    await build({ bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", entryPoints: [path.join(__dirname, "plugin", "main.ts")], outfile: bundle, external: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"] });
    const launcher = path.join(this.#plugins, "pulumi-resource-openstack");
    writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`);
    chmodSync(launcher, 0o755);
  }

  /** Writes the program: three AZs, groups of the sleeper, a load balancer before the group that has `lb`. */
  deploy(groups: GroupSketch[], sketch: OpenstackSketch = {}): void {
    const manifest = {
      name: "dep",
      releases: [{ name: "sleeper", version: "create", url: path.join(this.platform.folder, "release") }],
      stemcells: [{ alias: "default", os: "local", version: sketch.stemcell ?? "1" }],
      update: { canaries: 1, max_in_flight: 2, canary_watch_time: "100-60000", update_watch_time: "100-60000", serial: false, ...sketch.update },
      instance_groups: groups.map(({ properties, disk, ...group }) => ({
        azs: ["z1", "z2", "z3"],
        vm_type: "default",
        stemcell: "default",
        networks: [{ name: "default" }],
        ...(disk ? { persistent_disk: disk } : {}),
        jobs: [{ name: "sleeper", release: "sleeper", ...(properties ? { properties } : {}) }],
        ...group,
      })),
    };
    const balancer = { name: "web", port: 8000, backend_port: 8080, health: { port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 2 } };
    const cloudConfig = {
      azs: subnets.map(({ az }) => ({ name: az, cloud_properties: { availability_zone: `nova-${az}` } })),
      vm_types: [{ name: "default", cloud_properties: { instance_type: "small", ...sketch.vm } }],
      vm_extensions: [{ name: "lb", cloud_properties: { load_balancer: balancer } }],
      disk_types: [],
      networks: [{ name: "default", type: "manual", subnets: subnets.map(({ az, cidr, gateway }) => ({ az, range: cidr, gateway, dns: [] })) }],
      compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
    };
    const stemcells = Object.fromEntries(Object.entries(this.images).map(([version, { id }]) => [`local/${version}`, { imageId: id }]));
    const iaas = { stemcells, access: this.guests.access, persistentDisks: "delete", ...sketch.iaas };
    const text = `const { Deployment, Environment, openstackIaas } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
module.exports = async () => {
  const environment = new Environment("env", { iaas: openstackIaas(${JSON.stringify(iaas)}), cloudConfig: ${JSON.stringify(cloudConfig)} });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances, urls: deployment.urls };
};
`;
    writeFileSync(path.join(this.platform.folder, "index.js"), text);
  }

  get env(): Record<string, string> {
    return { ...this.cloud.environment, PATH: `${this.#plugins}:${process.env["PATH"] ?? ""}` };
  }

  run(...args: string[]): Promise<Finished> {
    return this.platform.run(args, this.env);
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.run("instances", "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  async close(): Promise<void> {
    try {
      await this.guests.close();
      await this.cloud.close();
    } finally {
      await this.platform.close();
    }
  }
}
