import { openstackIaas, type IaasAdapter } from "../../components/index.ts";
import { sayInPreview } from "../notes.ts";
import { openstackSettings, type OpenstackSettings } from "./settings.ts";

const vmTypes = ["minimal", "small", "small-highmem", "small-50GB", "small-50GB-ephemeral-disk", "small-highmem-100GB", "small-highmem-100GB-ephemeral-disk", "medium", "large"];
// Flavors have their disk sizes; an extension can't change them.
const diskExtensions = ["1GB", "5GB", "10GB", "50GB", "100GB", "500GB", "1TB"].map((size) => `${size}_ephemeral_disk`);
const diskTypesGiB = { "1GB": 1, "5GB": 5, "10GB": 10, "50GB": 50, "100GB": 100, "500GB": 500, "1TB": 1024 };

const balancers = {
  "cf-router-network-properties": { name: "router", port: 443, backend_port: 443, health: { protocol: "http", port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 3 } },
  "diego-ssh-proxy-network-properties": { name: "ssh", port: 2222, backend_port: 2222, health: { protocol: "tcp", port: 2222, interval_ms: 5000, healthy: 2, unhealthy: 3 } },
};

/** Cloud Foundry's surroundings on OpenStack, from `iaas:…` of the stack's configuration. */
export function openstackSurroundings(): { iaas: IaasAdapter; cloudConfig: Record<string, unknown>; deployerRanges: string[] | undefined } {
  const settings = openstackSettings();
  const { accessCommand, stemcells, externalNetworkId, floatingIpPool, dnsZoneId, keyPair, volumeType, persistentDisks } = settings;
  const access = accessCommand === undefined ? undefined : { kind: "command" as const, argv: accessCommand };
  sayInPreview(openstackNotes(settings));
  return {
    iaas: openstackIaas({ stemcells, externalNetworkId, floatingIpPool, dnsZoneId, keyPair, volumeType, persistentDisks, access }),
    cloudConfig: cloudConfig(settings),
    deployerRanges: settings.deployerRanges,
  };
}

/** What the project is charged or bounded by, beyond its servers. */
export function openstackNotes({ ranges, externalNetworkId, floatingIpPool, persistentDisks }: OpenstackSettings): string[] {
  const [azs, count] = [Object.keys(ranges).length, Object.keys(balancers).length];
  const kept = { protect: "no volume goes without your word", retain: "volumes out of use stay, and count", delete: "volumes go with their instances" }[persistentDisks];
  return [
    `OpenStack counts against quotas: a server, a port and for each persistent disk a volume per instance (${kept}); a network, ${azs} subnet(s), a router${externalNetworkId === undefined ? "" : " with an address outside"}; ${count} load balancers, each with servers of Octavia's own${floatingIpPool === undefined ? "" : ` and a floating IP of ${floatingIpPool}`}.`,
    "Limits to look at first (repave doctor --iaas openstack): instances, cores and ram, which a repave needs no more of; volumes and gigabytes; ports; members of a server group, 10 by default: a larger instance group needs more, or `antiAffinity: \"none\"`.",
  ];
}

function cloudConfig({ availabilityZones, ranges, flavors, dns }: OpenstackSettings): Record<string, unknown> {
  const azs = Object.keys(ranges);
  return {
    azs: azs.map((name) => ({ name, cloud_properties: availabilityZones[name] === undefined ? {} : { availability_zone: availabilityZones[name] } })),
    vm_types: vmTypes.map((name) => ({ name, cloud_properties: { instance_type: flavors[name] ?? name } })),
    vm_extensions: [
      ...diskExtensions.map((name) => ({ name })),
      ...Object.entries(balancers).map(([name, load_balancer]) => ({ name, cloud_properties: { load_balancer } })),
      ...["cf-tcp-router-network-properties", "cf-haproxy-network-properties"].map((name) => ({ name })),
    ],
    disk_types: Object.entries(diskTypesGiB).map(([name, gib]) => ({ name, disk_size: gib * 1024 })),
    networks: [{ name: "default", type: "manual", subnets: azs.map((az) => ({ az, range: ranges[az]!, gateway: firstOf(ranges[az]!), dns, reserved: [poolOf(ranges[az]!)] })) }],
    compilation: { workers: 2, reuse_compilation_vms: true, az: azs[0], vm_type: "small", network: "default" },
  };
}

function firstOf(range: string): string {
  return textOf(bounds(range).first + 1);
}

/** What Neutron hands out by itself. */
function poolOf(range: string): string {
  const { last } = bounds(range);
  return `${textOf(last - 16)} - ${textOf(last - 1)}`;
}

function bounds(range: string): { first: number; last: number } {
  const [address = "", bits = "32"] = range.split("/");
  const size = 2 ** (32 - Number(bits));
  const at = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(at / size) * size;
  return { first, last: first + size - 1 };
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
