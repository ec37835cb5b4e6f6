import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { LocalIaas } from "../../../provider/local/index.ts";
import { LocalGuests as Gate } from "../stand-in/guests.ts";
import { TestPlatform, type Finished, type GroupSketch, type InstanceRow } from "../platform/index.ts";
import { leaveTrace } from "../traces.ts";
import { FakeKubernetes } from "./fake/index.ts";
import { LocalGuests } from "./guests.ts";

const checkout = path.resolve(__dirname, "..", "..", "..");
const subnets = [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `10.97.${n}.0/24`, gateway: `10.97.${n}.1` }));

export interface KubernetesSketch {
  /** Further arguments of the adapter. */
  iaas?: object;
  /** VM type's cloud properties. */
  vm?: object;
  stemcell?: string;
  update?: object;
  tags?: object;
}

/** The real provider plugin, where one is on the PATH. */
export function realPlugin(): string | undefined {
  return (process.env["PATH"] ?? "").split(":").map((folder) => path.join(folder, "pulumi-resource-kubernetes")).find(existsSync);
}

/**
 * A project on the fake Kubernetes, driven by the compiled command line and the real engine with our stand-in plugin. Pods are VMs of a local
 * environment. Always `close` it.
 */
export class KubernetesPlatform {
  readonly platform: TestPlatform;
  readonly guests: LocalGuests;
  readonly cloud: FakeKubernetes;
  readonly guestIaas: LocalIaas;
  /** Limits how long the plugin waits for an object. */
  deadlineMs = 120_000;
  readonly #gate: Gate;
  readonly #plugins: string;

  constructor(name: string) {
    this.platform = new TestPlatform(name);
    const environment = `${this.platform.project}-guests`;
    const stateDir = path.join(this.platform.home, "local");
    leaveTrace({ folder: this.platform.folder, stateDir, environment });
    this.guestIaas = new LocalIaas({ stateDir, environment, agentBundle: path.join(checkout, "dist", "agent", "agent.cjs") });
    this.#gate = new Gate(this.guestIaas, this.platform.folder, subnets);
    this.guests = new LocalGuests(this.guestIaas, (ip) => `z${ip.split(".")[2]}`);
    this.cloud = new FakeKubernetes(this.guests, ["zone-z1", "zone-z2", "zone-z3"]);
    this.#plugins = path.join(this.platform.folder, "plugins");
  }

  async start(): Promise<void> {
    await Promise.all([this.cloud.start(), this.#gate.start(), this.#plugin()]);
    const kubeconfig = this.#kubeconfig;
    writeFileSync(kubeconfig, this.cloud.kubeconfig, { mode: 0o600 });
  }

  get #kubeconfig(): string {
    return path.join(this.platform.folder, "kubeconfig");
  }

  async #plugin(): Promise<void> {
    const { folder } = this.platform;
    symlinkSync(path.join(checkout, "node_modules"), path.join(folder, "node_modules"));
    mkdirSync(this.#plugins);
    const bundle = path.join(this.#plugins, "kubernetes.cjs");
    await build({ bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning", entryPoints: [path.join(__dirname, "plugin", "main.ts")], outfile: bundle, external: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"] });
    const launcher = path.join(this.#plugins, "pulumi-resource-kubernetes");
    writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${bundle}" "$@"\n`);
    chmodSync(launcher, 0o755);
  }

  /** Writes the program: three AZs, groups of the sleeper, a load balancer before the group that has the extension `lb`. */
  deploy(groups: GroupSketch[], sketch: KubernetesSketch = {}): void {
    const manifest = {
      name: "dep",
      releases: [{ name: "sleeper", version: "create", url: path.join(this.platform.folder, "release") }],
      stemcells: [{ alias: "default", os: "local", version: sketch.stemcell ?? "1" }],
      update: { canaries: 1, max_in_flight: 2, canary_watch_time: "100-60000", update_watch_time: "100-60000", serial: false, ...sketch.update },
      tags: sketch.tags ?? {},
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
      azs: subnets.map(({ az }) => ({ name: az, cloud_properties: { zone: `zone-${az}` } })),
      vm_types: [{ name: "default", cloud_properties: sketch.vm ?? {} }],
      vm_extensions: [{ name: "lb", cloud_properties: { load_balancer: balancer } }],
      disk_types: [],
      networks: [{ name: "default", type: "manual", subnets: subnets.map(({ az, cidr, gateway }) => ({ az, range: cidr, gateway, dns: [] })) }],
      compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
    };
    const iaas = { stemcells: { local: "registry.example.com/stemcells/local" }, access: this.#gate.access, persistentDisks: "delete", ...sketch.iaas };
    const text = `const { Deployment, Environment, kubernetesIaas } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
module.exports = async () => {
  const environment = new Environment("env", { iaas: kubernetesIaas(${JSON.stringify(iaas)}), cloudConfig: ${JSON.stringify(cloudConfig)} });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances, urls: deployment.urls };
};
`;
    writeFileSync(path.join(this.platform.folder, "index.js"), text);
  }

  run(...args: string[]): Promise<Finished> {
    return this.platform.run(args, { KUBECONFIG: this.#kubeconfig, FAKE_KUBERNETES_DEADLINE_MS: String(this.deadlineMs), PATH: `${this.#plugins}:${process.env["PATH"] ?? ""}` });
  }

  async instances(): Promise<InstanceRow[]> {
    const { code, stdout, text } = await this.run("instances", "--json");
    if (code !== 0) throw new Error(text);
    return JSON.parse(stdout) as InstanceRow[];
  }

  async close(): Promise<void> {
    try {
      await this.cloud.close();
      await this.#gate.close();
    } finally {
      await this.platform.close();
    }
  }
}
