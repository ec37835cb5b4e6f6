import { vsphereIaas, type IaasAdapter } from "../../components/index.ts";
import { sayInPreview } from "../notes.ts";
import { vsphereSettings, type VsphereSettings } from "./settings.ts";

/** cf-deployment's VM types, as its own cloud config of vSphere has them. */
const vmTypes: Record<string, { cpu: number; ram: number; disk: number }> = {
  minimal: { cpu: 1, ram: 4096, disk: 10_240 },
  small: { cpu: 2, ram: 8192, disk: 10_240 },
  "small-highmem": { cpu: 4, ram: 32_768, disk: 10_240 },
  medium: { cpu: 8, ram: 16_384, disk: 10_240 },
  large: { cpu: 8, ram: 32_768, disk: 10_240 },
};
const diskGiB = { "1GB": 1, "5GB": 5, "10GB": 10, "50GB": 50, "100GB": 100, "500GB": 500, "1TB": 1024 };

const balancers = {
  "cf-router-network-properties": { name: "router", port: 443, backend_port: 443, health: { protocol: "http", port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 3 } },
  "diego-ssh-proxy-network-properties": { name: "ssh", port: 2222, backend_port: 2222, health: { protocol: "tcp", port: 2222, interval_ms: 5000, healthy: 2, unhealthy: 3 } },
} as const;

/** Cloud Foundry's surroundings on vSphere, from `iaas:…` of the stack's configuration. */
export function vsphereSurroundings(): { iaas: IaasAdapter; cloudConfig: Record<string, unknown>; deployerRanges: string[] | undefined } {
  const settings = vsphereSettings();
  sayInPreview(vsphereNotes(settings));
  const { azs: _, dns: __, sizes: ___, balancers: ____, deployerRanges, accessCommand, ...options } = settings;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as Parameters<typeof vsphereIaas>[0];
  const access = accessCommand === undefined ? {} : { access: { kind: "command" as const, argv: accessCommand } };
  return { iaas: vsphereIaas({ ...given, ...access }), cloudConfig: cloudConfig(settings), deployerRanges };
}

/** What clusters and datastores hold, and which limits are met first. */
export function vsphereNotes({ azs, sizes, persistentDisks, antiAffinity }: VsphereSettings): string[] {
  const small = { ...vmTypes, ...sizes }["small"]!;
  const clusters = new Set(Object.values(azs).map(({ datacenter, cluster }) => `${datacenter}/${cluster}`)).size;
  const kept = { protect: "none goes without your word", retain: "those out of use stay", delete: "they go with their instances" }[persistentDisks];
  return [
    `vSphere holds for each instance a VM of its VM type (small: ${small.cpu} CPU, ${small.ram / 1024} GiB, ${small.disk / 1024} GiB of ephemeral disk beside the stemcell's), and a file for each persistent disk (${kept}); a repave needs no more at any time.`,
    `Limits to look at first (repave doctor --iaas vsphere): memory of ${clusters} cluster(s), free space of datastores, addresses of the port groups${antiAffinity === "hard" ? "; a group needs as many hosts in a cluster as it has VMs there" : ""}.`,
  ];
}

function cloudConfig({ azs, dns, sizes, balancers: addresses }: VsphereSettings): Record<string, unknown> {
  const names = Object.keys(azs);
  return {
    azs: Object.entries(azs).map(([name, { datacenter, cluster, resourcePool, hostGroup, datastore, persistentDatastore }]) => ({
      name,
      cloud_properties: {
        datacenters: [{ name: datacenter, clusters: [{ [cluster]: { ...(resourcePool === undefined ? {} : { resource_pool: resourcePool }), ...(hostGroup === undefined ? {} : { host_group: hostGroup }) } }] }],
        ...(datastore === undefined ? {} : { datastore }),
        ...(persistentDatastore === undefined ? {} : { persistent_datastore: persistentDatastore }),
      },
    })),
    vm_types: Object.entries({ ...vmTypes, ...sizes }).map(([name, cloud_properties]) => ({ name, cloud_properties })),
    vm_extensions: [
      ...Object.entries(diskGiB).map(([name, gib]) => ({ name: `${name}_ephemeral_disk`, cloud_properties: { disk: gib * 1024 } })),
      ...Object.entries(balancers).map(([name, balancer]) => {
        const address = addresses[balancer.name];
        // Without an address they are empty, as in cf-deployment: what is in front is the operator's.
        return address === undefined ? { name } : { name, cloud_properties: { load_balancer: { ...balancer, cloud_properties: { address } } } };
      }),
      ...["cf-tcp-router-network-properties", "cf-haproxy-network-properties"].map((name) => ({ name })),
    ],
    disk_types: Object.entries(diskGiB).map(([name, gib]) => ({ name, disk_size: gib * 1024 })),
    networks: [
      {
        name: "default",
        type: "manual",
        subnets: Object.entries(azs).map(([az, { range, gateway, reserved, portGroup }]) => ({ az, range, gateway: gateway ?? firstOf(range), dns, reserved, cloud_properties: { name: portGroup } })),
      },
    ],
    compilation: { workers: 2, reuse_compilation_vms: true, az: names[0], vm_type: "small", network: "default" },
  };
}

function firstOf(range: string): string {
  return range.split("/")[0]!.replace(/\d+$/, (last) => String(Number(last) + 1));
}
