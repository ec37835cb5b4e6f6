import { kubernetesIaas, type IaasAdapter } from "../../components/index.ts";
import { sayInPreview } from "../notes.ts";
import { kubernetesSettings, type KubernetesSettings } from "./settings.ts";

/** cf-deployment's VM types, as what their usual clouds give them. */
const vmTypes: Record<string, { cpus: number; memoryMiB: number }> = {
  minimal: { cpus: 1, memoryMiB: 3840 },
  small: { cpus: 2, memoryMiB: 7680 },
  "small-highmem": { cpus: 4, memoryMiB: 31232 },
  medium: { cpus: 4, memoryMiB: 16384 },
  large: { cpus: 8, memoryMiB: 32768 },
};
const diskGiB = { "1GB": 1, "5GB": 5, "10GB": 10, "50GB": 50, "100GB": 100, "500GB": 500, "1TB": 1024 };

const balancers = {
  "cf-router-network-properties": { name: "router", port: 443, backend_port: 443, health: { protocol: "http", port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 3 } },
  "diego-ssh-proxy-network-properties": { name: "ssh", port: 2222, backend_port: 2222, health: { protocol: "tcp", port: 2222, interval_ms: 5000, healthy: 2, unhealthy: 3 } },
};

/** Cloud Foundry's surroundings on Kubernetes, from `iaas:…` of the stack's configuration. */
export function kubernetesSurroundings(): { iaas: IaasAdapter; cloudConfig: Record<string, unknown>; deployerRanges: string[] | undefined } {
  const settings = kubernetesSettings();
  const { zones: _, ranges: __, sizes: ___, deployerRanges, accessCommand, ...options } = settings;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as typeof options;
  const access = accessCommand === undefined ? {} : { access: { kind: "command" as const, argv: accessCommand } };
  sayInPreview(kubernetesNotes(settings));
  return { iaas: kubernetesIaas({ ...given, ...access }), cloudConfig: cloudConfig(settings), deployerRanges };
}

/** What the cluster must have room for, and what its cloud charges beside the hosts. */
export function kubernetesNotes({ addresses, ranges, sizes, persistentDisks }: KubernetesSettings): string[] {
  const listed = Object.entries({ ...vmTypes, ...sizes }).map(([name, { cpus, memoryMiB }]) => `${name} ${cpus} CPU and ${Math.round(memoryMiB / 1024)} GiB`);
  const kept = { protect: "no claim goes without your word", retain: "claims out of use stay, and cost", delete: "claims go with their instances" }[persistentDisks];
  const perVm = ["a Pod", "a Secret", ...(addresses === "service" ? ["a Service"] : []), "a claim for each persistent disk"];
  return [
    `Kubernetes reserves for each instance what its VM type asks for (${listed.join("; ")}); clouds charge for the hosts of that, for each claim (${kept}) and for ${Object.keys(balancers).length} load balancers.`,
    `Limits to look at first (repave doctor --iaas kubernetes): room on hosts of ${Object.keys(ranges).length} zone(s); Pods of a host, 110 by default; quotas of the namespace, which need ${perVm.join(", ")} per instance; volumes that a host can attach; privileged Pods, which the namespace must let in.`,
  ];
}

function cloudConfig({ zones, ranges, sizes }: KubernetesSettings): Record<string, unknown> {
  const azs = Object.keys(ranges);
  return {
    azs: azs.map((name) => ({ name, cloud_properties: zones[name] === undefined ? {} : { zone: zones[name] } })),
    vm_types: Object.entries({ ...vmTypes, ...sizes }).map(([name, cloud_properties]) => ({ name, cloud_properties })),
    vm_extensions: [
      ...Object.entries(diskGiB).map(([name, gib]) => ({ name: `${name}_ephemeral_disk`, cloud_properties: { ephemeral_disk: { size: gib * 1024 } } })),
      ...Object.entries(balancers).map(([name, load_balancer]) => ({ name, cloud_properties: { load_balancer } })),
      ...["cf-tcp-router-network-properties", "cf-haproxy-network-properties"].map((name) => ({ name })),
    ],
    disk_types: Object.entries(diskGiB).map(([name, gib]) => ({ name, disk_size: gib * 1024 })),
    networks: [{ name: "default", type: "manual", subnets: azs.map((az) => ({ az, range: ranges[az]!, gateway: firstOf(ranges[az]!), dns: [], reserved: [] })) }],
    compilation: { workers: 2, reuse_compilation_vms: true, az: azs[0], vm_type: "small", network: "default" },
  };
}

/** The gateway of a range is nobody's here, and never an instance's. */
function firstOf(range: string): string {
  return range.split("/")[0]!.replace(/\d+$/, (last) => String(Number(last) + 1));
}
