import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { LocalIaas } from "../../../provider/local/index.ts";
import { sleeperGroup, TestPlatform, type Finished, type GroupSketch, type InstanceRow } from "../platform/index.ts";
import { leaveTrace } from "../traces.ts";
import { LocalGuests, type GuestSubnet } from "./guests.ts";

const checkout = path.resolve(__dirname, "..", "..", "..");

export interface CloudSketch {
  /** Further arguments of the adapter. */
  iaas?: object;
  /** VM type's cloud properties. */
  vm?: object;
  /** The load balancer's. */
  balancer?: object;
  stemcell?: string;
  /** Further arguments of the environment. */
  environment?: object;
  update?: object;
  /** The manifest's own. */
  tags?: object;
  /** Further releases. */
  releases?: readonly object[];
}

/** The provider's plugin as the engine looks for it. */
export interface PluginSource {
  /** The provider's: `openstack`. */
  name: string;
  /** The stand-in's program. */
  entry: string;
  /** Packages it loads from the checkout. */
  external?: readonly string[];
  /** Take a real plugin that is on the PATH instead. */
  orReal?: boolean;
}

/** What a program says of its cloud, before a sketch. */
export interface CloudProgram {
  /** As exported: `openstackIaas`. */
  adapter: string;
  iaas: object;
  /** Cloud properties of the AZ with this number, from 0. */
  az(number: number): object;
  vm: object;
  balancer?: object;
  /** What a subnet has besides its range, gateway and AZ. */
  subnet?(subnet: GuestSubnet): object;
}

/** The real provider plugin, where one is on the PATH. */
export function realPlugin(name: string): string | undefined {
  return (process.env["PATH"] ?? "").split(":").map((folder) => path.join(folder, `pulumi-resource-${name}`)).find(existsSync);
}

/**
 * A project on a simulated cloud, driven by the compiled command line and the real engine, whose VMs are those of a local environment: three
 * AZs, groups of the sleeper, a load balancer before groups with the extension `lb`. Always `close` it.
 */
export abstract class CloudPlatform {
  readonly platform: TestPlatform;
  readonly guests: LocalGuests;
  /** The local environment of the guests. */
  protected readonly guestIaas: LocalIaas;
  protected readonly subnets: readonly GuestSubnet[];
  /** The local environment of the guests. */
  protected readonly guestEnvironment: string;
  readonly #plugins: string;
  readonly #source: PluginSource;

  /** @param net the first two numbers of every address: `10.97` */
  protected constructor(name: string, net: string, source: PluginSource) {
    this.platform = new TestPlatform(name);
    this.#source = source;
    this.#plugins = path.join(this.platform.folder, "plugins");
    this.subnets = [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `${net}.${n}.0/24`, gateway: `${net}.${n}.1` }));
    const environment = `${this.platform.project}-guests`;
    this.guestEnvironment = environment;
    const stateDir = path.join(this.platform.home, "local");
    leaveTrace({ folder: this.platform.folder, stateDir, environment });
    this.guestIaas = new LocalIaas({ stateDir, environment, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
    this.guests = new LocalGuests(this.guestIaas, this.subnets);
  }

  protected abstract startCloud(): Promise<unknown>;
  protected abstract closeCloud(): Promise<void>;
  /** What leads the plugin to the cloud. */
  protected abstract get cloudEnvironment(): Record<string, string>;
  protected abstract program(): CloudProgram;

  async start(): Promise<void> {
    await Promise.all([this.startCloud(), this.guests.start(), this.#plugin()]);
  }

  async #plugin(): Promise<void> {
    const { name, entry, external = [], orReal } = this.#source;
    symlinkSync(path.join(checkout, "node_modules"), path.join(this.platform.folder, "node_modules"));
    mkdirSync(this.#plugins);
    if (orReal && realPlugin(name)) return;
    const bundle = path.join(this.#plugins, `${name}.cjs`);
    await build({ bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", entryPoints: [entry], outfile: bundle, external: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", ...external] });
    const launcher = path.join(this.#plugins, `pulumi-resource-${name}`);
    writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" --no-warnings "${bundle}" "$@"\n`);
    chmodSync(launcher, 0o755);
  }

  /** Writes the program. */
  deploy(groups: GroupSketch[], sketch: CloudSketch = {}): void {
    const { adapter, iaas, az, vm, balancer, subnet } = this.program();
    const manifest = {
      name: "dep",
      releases: [{ name: "sleeper", version: "create", url: path.join(this.platform.folder, "release") }, ...(sketch.releases ?? [])],
      stemcells: [{ alias: "default", os: "local", version: sketch.stemcell ?? "1" }],
      update: { canaries: 1, max_in_flight: 2, canary_watch_time: "100-60000", update_watch_time: "100-60000", serial: false, ...sketch.update },
      tags: sketch.tags ?? {},
      instance_groups: groups.map(sleeperGroup),
    };
    const load_balancer = { name: "web", port: 8000, backend_port: 8080, health: { port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 2 }, ...balancer, ...sketch.balancer };
    const cloudConfig = {
      azs: this.subnets.map(({ az: name }, i) => ({ name, cloud_properties: az(i) })),
      vm_types: [{ name: "default", cloud_properties: { ...vm, ...sketch.vm } }],
      vm_extensions: [{ name: "lb", cloud_properties: { load_balancer } }],
      disk_types: [],
      networks: [{ name: "default", type: "manual", subnets: this.subnets.map((one) => ({ az: one.az, range: one.cidr, gateway: one.gateway, dns: [], ...subnet?.(one) })) }],
      compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
    };
    const args = { access: this.guests.access, persistentDisks: "delete", ...iaas, ...sketch.iaas };
    const text = `const { Deployment, Environment, ${adapter} } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
module.exports = async () => {
  const environment = new Environment("env", { iaas: ${adapter}(${JSON.stringify(args)}), cloudConfig: ${JSON.stringify(cloudConfig)}, ...${JSON.stringify(sketch.environment ?? {})} });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances, urls: deployment.urls };
};
`;
    writeFileSync(path.join(this.platform.folder, "index.js"), text);
  }

  get env(): Record<string, string> {
    return { ...this.cloudEnvironment, PATH: `${this.#plugins}:${process.env["PATH"] ?? ""}` };
  }

  run(...args: string[]): Promise<Finished> {
    return this.platform.run(args, this.env);
  }

  /** Runs a command that must succeed; gives what it printed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, text } = await this.run(...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${text}`);
    return text;
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.run("instances", "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  /** Rows of a table command. */
  async rows(...args: string[]): Promise<Record<string, string>[]> {
    const { code, stdout, text } = await this.run(...args, "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as Record<string, string>[];
  }

  /** What a check finds, as `PROBLEM SUBJECT`. */
  async problems(): Promise<string[]> {
    return (await this.rows("check")).map(({ problem, subject }) => `${problem} ${subject}`).sort();
  }

  /** All that the engine keeps, as it is on the disk. */
  stateText(): string {
    const folder = path.join(this.platform.home, "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    if (files.length === 0) throw new Error(`no state in ${folder}`);
    return files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8")).join("\n");
  }

  async close(): Promise<void> {
    try {
      await this.closeCloud();
    } finally {
      await this.guests.close().finally(() => this.platform.close());
    }
  }
}
