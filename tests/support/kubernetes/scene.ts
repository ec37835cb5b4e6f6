import { Deployment, Environment, kubernetesIaas, type CloudConfigArgs, type DeploymentArgs, type KubernetesIaasArgs } from "../../../components/index.ts";
import { shopRelease } from "../component-scene.ts";
import { recordProgram, type RecordedRun, type Registration } from "../recorded-program.ts";

export const stemcells = { "ubuntu-noble/1.484": "registry.example.com/stemcells/noble@sha256:0123" };

/** Two groups over three AZs, one with disks, one behind a load balancer. */
export const kubernetesManifest = `name: shop
releases: [{ name: r, version: "1", url: /releases/r }]
stemcells: [{ alias: default, os: ubuntu-noble, version: "1.484" }]
update: { canaries: 1, max_in_flight: 1, canary_watch_time: 1000, update_watch_time: 1000 }
tags: { team: payments, "cost center": "4711/a" }
instance_groups:
- name: db
  instances: 3
  azs: [z1, z2, z3]
  vm_type: large
  stemcell: default
  persistent_disk_type: fast
  networks: [{ name: default }]
  jobs: [{ name: look, release: r }]
- name: web
  instances: 3
  azs: [z1, z2, z3]
  vm_type: default
  vm_extensions: [front]
  stemcell: default
  networks: [{ name: default }]
  jobs: [{ name: look, release: r }]
`;

export function kubernetesCloud(change: { vmTypes?: object[]; az?: object; network?: object; front?: object } = {}): CloudConfigArgs {
  const azs = [1, 2, 3];
  return {
    cloudConfig: {
      azs: azs.map((n) => ({ name: `z${n}`, cloud_properties: { zone: `eu-1${"abc"[n - 1]}`, ...change.az } })),
      vm_types: change.vmTypes ?? [
        { name: "default", cloud_properties: {} },
        { name: "large", cloud_properties: { cpus: 2, memoryMiB: 4096, ephemeral_disk: { size: 10240 }, ingresses: [{ ports: [5432, "7000-7001"] }], labels: { tier: "data" } } },
      ],
      vm_extensions: [
        {
          name: "front",
          cloud_properties: {
            load_balancer: { name: "front", port: 80, backend_port: 8080, dns_names: ["*.apps.example.com"], health: { protocol: "http", port: 8081, path: "/health", interval_ms: 5000 }, cloud_properties: { annotations: { "cloud.example.com/tier": "public" }, source_ranges: ["203.0.113.0/24"] } },
            ...change.front,
          },
        },
      ],
      disk_types: [{ name: "fast", disk_size: 2048, cloud_properties: { storage_class: "ssd" } }],
      networks: [{ name: "default", type: "manual", subnets: azs.map((n) => ({ range: `10.96.${n}.0/24`, gateway: `10.96.${n}.1`, az: `z${n}`, dns: [], reserved: [], cloud_properties: { ...change.network } })) }],
      compilation: { workers: 1, network: "default", az: "z1", vm_type: "default" },
    },
  };
}

export interface KubernetesRun extends RecordedRun {
  /** Resources of a kind: `Pod`. */
  kind(kind: string): Registration[];
}

/** Runs a program of one environment on Kubernetes with Pulumi's mocks. */
export async function runOnKubernetes(options: { iaas?: Partial<KubernetesIaasArgs>; cloud?: CloudConfigArgs; config?: Record<string, string>; deployment?: Partial<DeploymentArgs> } = {}): Promise<KubernetesRun> {
  const run = await recordProgram(
    () => {
      const environment = new Environment("prod", { iaas: kubernetesIaas({ stemcells, ...options.iaas }), ...(options.cloud ?? kubernetesCloud()) });
      return new Deployment("shop", { environment, manifest: kubernetesManifest, ...options.deployment }).instances;
    },
    {
      release: shopRelease,
      config: options.config ?? {},
      outputs: (type, name, inputs) => (type.startsWith("kubernetes:") ? { metadata: { ...(inputs["metadata"] as object), uid: `uid-of-${name}` }, status: { loadBalancer: { ingress: [{ ip: "198.51.100.7" }] } } } : {}),
    },
  );
  return { ...run, kind: (kind) => run.registrations.filter((r) => r.type.startsWith("kubernetes:") && r.type.endsWith(`:${kind}`)) };
}
