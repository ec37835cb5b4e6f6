import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { LocalIaas } from "../../../provider/local/index.ts";
import { TestPlatform, type Finished, type GroupSketch, type InstanceRow } from "../platform/index.ts";
import { LocalGuests } from "../stand-in/guests.ts";
import { leaveTrace } from "../traces.ts";
import { AwsCloud } from "./cloud.ts";
import { Inventory } from "./inventory.ts";

const checkout = path.resolve(__dirname, "..", "..", "..");
const zones = ["a", "b", "c"];
const subnets = [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `10.97.${n}.0/24`, gateway: `10.97.${n}.1` }));

export interface AwsSketch {
  /** Further arguments of the adapter. */
  iaas?: object;
  /** VM type's cloud properties. */
  vm?: object;
  /** The load balancer's. */
  balancer?: object;
  stemcell?: string;
  update?: object;
}

/** A project on AWS as moto simulates it, driven by the compiled command line and the real engine with our stand-in plugin. Always `close` it. */
export class AwsPlatform {
  readonly platform: TestPlatform;
  readonly guests: LocalGuests;
  readonly cloud: AwsCloud;
  readonly #plugins: string;

  constructor(name: string) {
    this.platform = new TestPlatform(name);
    const environment = `${this.platform.project}-guests`;
    const stateDir = path.join(this.platform.home, "local");
    leaveTrace({ folder: this.platform.folder, stateDir, environment });
    const iaas = new LocalIaas({ stateDir, environment, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
    this.guests = new LocalGuests(iaas, this.platform.folder, subnets);
    this.cloud = new AwsCloud(this.guests);
    this.#plugins = path.join(this.platform.folder, "plugins");
  }

  /** `python` has moto. */
  async start(python: string): Promise<void> {
    await Promise.all([this.cloud.start(python), this.guests.start(), this.#plugin()]);
  }

  async #plugin(): Promise<void> {
    const { folder } = this.platform;
    symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
    mkdirSync(this.#plugins);
    const bundle = path.join(this.#plugins, "aws.cjs");
    await build({ bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", entryPoints: [path.join(__dirname, "plugin", "main.ts")], outfile: bundle, external: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "@aws-sdk/*"] });
    const launcher = path.join(this.#plugins, "pulumi-resource-aws");
    writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" --no-warnings "${bundle}" "$@"\n`);
    chmodSync(launcher, 0o755);
  }

  /** Writes the program: three AZs, groups of the sleeper, a load balancer before the group that has `lb`. */
  deploy(groups: GroupSketch[], sketch: AwsSketch = {}): void {
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
    const balancer = { name: "web", port: 80, backend_port: 8080, health: { port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 2 }, ...sketch.balancer };
    const cloudConfig = {
      azs: subnets.map(({ az }, i) => ({ name: az, cloud_properties: { availability_zone: `eu-central-1${zones[i]}` } })),
      vm_types: [{ name: "default", cloud_properties: { instance_type: "m5.large", ...sketch.vm } }],
      vm_extensions: [{ name: "lb", cloud_properties: { load_balancer: balancer } }],
      disk_types: [],
      networks: [{ name: "default", type: "manual", subnets: subnets.map(({ az, cidr, gateway }) => ({ az, range: cidr, gateway, dns: [], reserved: [cidr.replace("0/24", "2"), cidr.replace("0/24", "3")] })) }],
      compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
    };
    const iaas = {
      region: "eu-central-1",
      vpc: { cidr: "10.97.0.0/16", publicRanges: { z1: "10.97.101.0/24", z2: "10.97.102.0/24", z3: "10.97.103.0/24" } },
      nat: "per-az",
      endpoints: ["s3"],
      // Both are among moto's own.
      stemcells: { "local/1": "ami-03cf127a", "local/2": { "eu-central-1": "ami-12c6146b" } },
      // moto has no placement groups.
      antiAffinity: "none",
      persistentDisks: "delete",
      buckets: ["droplets"],
      access: this.guests.access,
      ...sketch.iaas,
    };
    const text = `const { Deployment, Environment, awsIaas } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
module.exports = async () => {
  const environment = new Environment("env", { iaas: awsIaas(${JSON.stringify(iaas)}), cloudConfig: ${JSON.stringify(cloudConfig)} });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances, urls: deployment.urls };
};
`;
    writeFileSync(path.join(this.platform.folder, "index.js"), text);
  }

  run(...args: string[]): Promise<Finished> {
    return this.platform.run(args, { ...this.cloud.environment, PATH: `${this.#plugins}:${process.env["PATH"] ?? ""}` });
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.run("instances", "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  /** All that the engine keeps, as it is on the disk. */
  stateText(): string {
    const folder = path.join(this.platform.home, "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    if (files.length === 0) throw new Error(`no state in ${folder}`);
    return files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8")).join("\n");
  }

  /** Ends an instance as somebody else would. */
  async terminate(id: string): Promise<void> {
    await new EC2Client({ region: "eu-central-1", endpoint: this.cloud.environment["AWS_ENDPOINT_URL"]!, credentials: { accessKeyId: "test", secretAccessKey: "test" } }).send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  }

  inventory(): Promise<Inventory> {
    return Inventory.take(this.cloud.environment);
  }

  async close(): Promise<void> {
    try {
      await this.guests.close();
      await this.cloud.stop();
    } finally {
      await this.platform.close();
    }
  }
}
