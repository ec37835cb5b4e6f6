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

/** What cf-deployment's extensions have in front of their groups. */
function balancersOf({ virtualIp, tcpPorts, balancers: own }: VsphereSettings): Record<string, object> {
  const tcp = { interval_ms: 5000, healthy: 2, unhealthy: 3 };
  const wanted = [
    { extension: "cf-router-network-properties", name: "router" as const, port: 443, health: { protocol: "http", port: 8080, path: "/health", ...tcp }, more: {} },
    { extension: "diego-ssh-proxy-network-properties", name: "ssh" as const, port: 2222, health: { protocol: "tcp", port: 2222, ...tcp }, more: {} },
    { extension: "cf-tcp-router-network-properties", name: "tcp" as const, port: tcpPorts.first, health: { protocol: "http", port: 80, path: "/health", ...tcp }, more: { port_range: tcpPorts } },
  ];
  return Object.fromEntries(
    wanted.map(({ extension, name, port, health, more }) => {
      const address = own[name];
      const cloud_properties = address !== undefined ? { address } : { virtual_ip: virtualIp, ...more };
      // Without any address they are empty, as in cf-deployment: what is in front is the operator's.
      return [extension, address === undefined && virtualIp === undefined ? {} : { load_balancer: { name, port, backend_port: port, health, cloud_properties } }];
    }),
  );
}

/** Cloud Foundry's surroundings on vSphere, from `iaas:…` of the stack's configuration. */
export function vsphereSurroundings(): { iaas: IaasAdapter; cloudConfig: Record<string, unknown>; deployerRanges: string[] | undefined } {
  const settings = vsphereSettings();
  sayInPreview(vsphereNotes(settings));
  const { azs: _, dns: __, sizes: ___, balancers: ____, virtualIp: _____, tcpPorts: ______, balancerInstances: instances, balancerVmType: vmType, deployerRanges, accessCommand, ...options } = settings;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as Parameters<typeof vsphereIaas>[0];
  const access = accessCommand === undefined ? {} : { access: { kind: "command" as const, argv: accessCommand } };
  return { iaas: vsphereIaas({ ...given, ...access, balancers: { instances, vmType } }), cloudConfig: cloudConfig(settings), deployerRanges };
}

/** What clusters and datastores hold, and which limits are met first. */
export function vsphereNotes({ azs, sizes, persistentDisks, antiAffinity, virtualIp, balancerInstances, balancerVmType }: VsphereSettings): string[] {
  const small = { ...vmTypes, ...sizes }["small"]!;
  const clusters = new Set(Object.values(azs).map(({ datacenter, cluster }) => `${datacenter}/${cluster}`)).size;
  const kept = { protect: "none goes without your word", retain: "those out of use stay", delete: "they go with their instances" }[persistentDisks];
  return [
    `vSphere holds for each instance a VM of its VM type (small: ${small.cpu} CPU, ${small.ram / 1024} GiB, ${small.disk / 1024} GiB of ephemeral disk beside the stemcell's), and a file for each persistent disk (${kept}); a repave needs no more at any time.`,
    ...(virtualIp === undefined ? [] : [`Balancers of the deployment's own have ${virtualIp}: ${balancerInstances} VM(s) more, of the VM type ${balancerVmType}.`]),
    `Limits to look at first (repave doctor --iaas vsphere): memory of ${clusters} cluster(s), free space of datastores, addresses of the port groups${antiAffinity === "hard" ? "; a group needs as many hosts in a cluster as it has VMs there" : ""}.`,
  ];
}

function cloudConfig(settings: VsphereSettings): Record<string, unknown> {
  const { azs, sizes } = settings;
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
      ...Object.entries(balancersOf(settings)).map(([name, cloud_properties]) => ({ name, cloud_properties })),
      { name: "cf-haproxy-network-properties" },
    ],
    disk_types: Object.entries(diskGiB).map(([name, gib]) => ({ name, disk_size: gib * 1024 })),
    networks: [
      {
        name: "default",
        type: "manual",
        subnets: subnetsOf(settings),
      },
    ],
    compilation: { workers: 2, reuse_compilation_vms: true, az: names[0], vm_type: "small", network: "default" },
  };
}

/** One for each range: AZs of one stretched network share theirs. */
function subnetsOf({ azs, dns, virtualIp }: VsphereSettings): Record<string, unknown>[] {
  const ranges = [...new Set(Object.values(azs).map(({ range, portGroup }) => JSON.stringify([range, portGroup])))];
  return ranges.map((key) => {
    const sharing = Object.entries(azs).filter(([, { range, portGroup }]) => JSON.stringify([range, portGroup]) === key);
    const { range, gateway, portGroup } = sharing[0]![1];
    const reserved = [...new Set([...sharing.flatMap(([, az]) => az.reserved), ...(virtualIp !== undefined && isIn(range, virtualIp) ? [virtualIp] : [])])];
    return { azs: sharing.map(([name]) => name), range, gateway: gateway ?? firstOf(range), dns, reserved, cloud_properties: { name: portGroup } };
  });
}

function isIn(range: string, address: string): boolean {
  const [base = "", bits = "32"] = range.split("/");
  const block = (text: string) => Math.floor(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) / 2 ** (32 - Number(bits)));
  return block(base) === block(address);
}

function firstOf(range: string): string {
  return range.split("/")[0]!.replace(/\d+$/, (last) => String(Number(last) + 1));
}
