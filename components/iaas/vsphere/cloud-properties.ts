import { z } from "zod";
import { IaasError } from "../../../director/core/errors.ts";
import { count, propertyReader, text, type PropertyRule } from "../property-rules.ts";

const port = z.number().int().min(1).max(65_535);
const portRange = z.strictObject({ first: port, last: port }).refine(({ first, last }) => first <= last, "ends before it begins");

const hostGroup = z.union([text, z.strictObject({ name: text, drs_rule: z.enum(["MUST", "SHOULD"]).optional() })]);
const cluster = z.strictObject({
  resource_pool: text.optional(),
  host_group: hostGroup.optional(),
  drs_rules: z.array(z.strictObject({ name: text, type: z.literal("separate_vms") })).max(1, "has several rules: one keeps the VMs of a group apart").optional(),
});
const oneCluster = z.union([text, z.record(text, cluster.nullable()).refine((map) => Object.keys(map).length === 1, "is a name, or a name with its settings")]);
const datacenters = z
  .array(z.strictObject({ name: text, clusters: z.array(oneCluster).length(1, "has not one cluster: a VM's place would be chance, so give each cluster an AZ of its own") }))
  .length(1, "is one datacenter");
const pod = z.strictObject({ clusters: z.array(z.record(text, z.record(z.string(), z.never()).nullable())).length(1) });
const noChoice = "names several: a VM's place would be chance, so name one, or a datastore cluster";
const datastores = z.array(z.union([text, pod])).length(1, noChoice);

const asOfAz = "as of an AZ, over it";
const passedThrough = "the provider takes such devices only by their place in one host";
const nsx = "needs NSX's own API, which the vSphere provider has not: add the VMs' addresses to NSX's groups by another stack";

/** Every key of the vSphere CPI, and those of ours. The page of cloud properties is made from this list. */
export const propertyRules: readonly PropertyRule[] = [
  { place: "azs", key: "datacenters", schema: datacenters, becomes: "datacenter, cluster, `resource_pool`, `host_group` and `drs_rules` of the AZ's VMs: one datacenter with one cluster" },
  { place: "azs", key: "datastore", schema: text, becomes: "datastore of the AZ's VMs, where a VM type names none" },
  { place: "azs", key: "persistent_datastore", schema: text, becomes: "datastore of the AZ's persistent disks (default: `datastore`)" },
  { place: "networks", key: "name", schema: text, becomes: "port group or NSX segment, by name or path; it must be there" },
  { place: "vm_types", key: "cpu", schema: count, becomes: "cores; another number makes a new VM" },
  { place: "vm_types", key: "ram", schema: count, becomes: "memory in MiB; another size makes a new VM" },
  { place: "vm_types", key: "disk", schema: count, becomes: "ephemeral disk in MiB, in whole GiB; another size makes a new VM" },
  { place: "vm_types", key: "cpus", schema: count, becomes: "`cpu`, where that is not given" },
  { place: "vm_types", key: "memoryMiB", schema: count, becomes: "`ram`, where that is not given" },
  { place: "vm_types", key: "root_disk_size_gb", schema: count, becomes: "root disk in GiB (default: the stemcell's)" },
  { place: "vm_types", key: "datastores", schema: datastores, becomes: "datastore of the VM, or `{ clusters: [{ NAME: {} }] }` for a datastore cluster; one of either" },
  { place: "vm_types", key: "storage_policy", schema: z.strictObject({ name: text }), becomes: "storage policy of the VM's home and its own disks" },
  { place: "vm_types", key: "nested_hardware_virtualization", schema: z.boolean(), becomes: "the same" },
  { place: "vm_types", key: "cpu_hot_add_enabled", schema: z.boolean(), becomes: "the same" },
  { place: "vm_types", key: "memory_hot_add_enabled", schema: z.boolean(), becomes: "the same" },
  { place: "vm_types", key: "memory_reservation_locked_to_max", schema: z.boolean(), becomes: "all memory reserved" },
  { place: "vm_types", key: "cpu_reserve_full_mhz", refused: "the reservation depends on the host's clock, which is not known before the VM is placed: give the resource pool a reservation" },
  { place: "vm_types", key: "upgrade_hw_version", schema: z.boolean(), becomes: "the hardware version of the adapter's `hardwareVersion`, 17 without one" },
  { place: "vm_types", key: "vmx_options", schema: z.record(text, z.union([z.string(), z.number(), z.boolean()])), becomes: "advanced settings of the VM; another value makes a new VM" },
  { place: "vm_types", key: "vm_group", refused: "a VM group here is what an AZ's `host_group` ties to its hosts: name that" },
  { place: "vm_types", key: "disable_drs", schema: z.boolean(), becomes: "an override of DRS for the VM" },
  { place: "vm_types", key: "tags", schema: z.array(z.strictObject({ category: text, tag: text })), becomes: "tags of the VM; category and tag must be there" },
  { place: "vm_types", key: "pci_passthroughs", refused: passedThrough },
  { place: "vm_types", key: "vgpus", refused: passedThrough },
  { place: "vm_types", key: "device_groups", refused: passedThrough },
  { place: "vm_types", key: "nsx", refused: nsx },
  { place: "vm_types", key: "nsxt", refused: nsx },
  { place: "vm_types", key: "datacenters", schema: datacenters, becomes: asOfAz },
  { place: "vm_types", key: "datastore", schema: text, becomes: asOfAz },
  { place: "vm_types", key: "persistent_datastore", schema: text, becomes: "nothing: it is an AZ's, disk types have `datastores`" },
  { place: "vm_types", key: "load_balancer", becomes: "balancers of the deployment's own in front of the group, or a load balancer of yours" },
  { place: "disk_types", key: "type", schema: z.enum(["thin", "preallocated", "thick", "eagerZeroedThick"]), becomes: "how the disk is provisioned (default `preallocated`); a disk keeps what it was made with" },
  { place: "disk_types", key: "datastores", schema: z.array(text).length(1, noChoice), becomes: "datastore of the disk; a disk stays where it was made" },
  { place: "disk_types", key: "storage_policy", refused: "the provider makes disks without one: name a datastore that has the policy" },
  { place: "disk_types", key: "name", refused: "disks are named by their instances" },
  { place: "load_balancer", key: "virtual_ip", schema: z.ipv4(), becomes: "an address, reserved in a subnet, that one of the deployment's own balancers has: an instance group `balancer` with HAProxy is added" },
  { place: "load_balancer", key: "port_range", schema: portRange, becomes: "with `virtual_ip`: further ports, each to the same one of the VMs: for TCP routers" },
  { place: "load_balancer", key: "proxy_protocol", schema: z.boolean(), becomes: "with `virtual_ip`: tell VMs the clients' addresses in a header of the PROXY protocol, which they must expect" },
  { place: "load_balancer", key: "address", schema: text, becomes: "instead of `virtual_ip`: address or name of a load balancer of your own" },
];

/** Where an AZ's VMs run. */
export interface ClusterProperties {
  datacenter: string;
  cluster: string;
  resourcePool: string | undefined;
  hostGroup: { name: string; mandatory: boolean } | undefined;
}

export interface AzProperties {
  datacenters?: z.infer<typeof datacenters>;
  datastore?: string;
  persistent_datastore?: string;
}

export interface VmProperties extends AzProperties {
  cpu?: number;
  ram?: number;
  disk?: number;
  cpus?: number;
  memoryMiB?: number;
  root_disk_size_gb?: number;
  datastores?: z.infer<typeof datastores>;
  storage_policy?: { name: string };
  nested_hardware_virtualization?: boolean;
  cpu_hot_add_enabled?: boolean;
  memory_hot_add_enabled?: boolean;
  memory_reservation_locked_to_max?: boolean;
  upgrade_hw_version?: boolean;
  vmx_options?: Record<string, string | number | boolean>;
  disable_drs?: boolean;
  tags?: { category: string; tag: string }[];
}

export interface DiskProperties {
  type?: "thin" | "preallocated" | "thick" | "eagerZeroedThick";
  datastores?: string[];
}

export interface BalancerProperties {
  virtual_ip?: string;
  port_range?: z.infer<typeof portRange>;
  proxy_protocol?: boolean;
  address?: string;
}

export const readProperties = propertyReader(propertyRules, "vsphere");

/** A VM's properties are those of its AZ, type and extensions in one. */
export function readVmProperties(whose: string, given: Readonly<Record<string, unknown>>): VmProperties & { cpu: number; ram: number; disk: number } {
  const properties = readProperties<VmProperties>("vm_types", whose, given);
  const cpu = properties.cpu ?? properties.cpus;
  const ram = properties.ram ?? properties.memoryMiB;
  const { disk } = properties;
  if (cpu !== undefined && ram !== undefined && disk !== undefined) return { ...properties, cpu, ram, disk };
  const missing = Object.entries({ cpu, ram, disk }).flatMap(([key, value]) => (value === undefined ? [`'${key}'`] : []));
  throw new IaasError("iaas.cloud-property", `The ${whose} has no ${missing.join(", ")}`, { method: "create_vm", hint: "its VM type needs 'cloud_properties: { cpu: 2, ram: 4096, disk: 10240 }', the sizes in MiB" });
}

/** @throws IaasError `iaas.cloud-property` where nothing says in which cluster */
export function clusterOf(whose: string, { datacenters: given }: AzProperties): ClusterProperties {
  const [datacenter] = given ?? [];
  const entry = datacenter?.clusters[0];
  if (datacenter === undefined || entry === undefined) {
    throw new IaasError("iaas.cloud-property", `${whose} is in no cluster`, { method: "create_vm", hint: "its AZ needs 'cloud_properties: { datacenters: [{ name: DC, clusters: [{ CLUSTER: { resource_pool: POOL } }] }] }'" });
  }
  const [name, settings] = typeof entry === "string" ? [entry, null] : Object.entries(entry)[0]!;
  const group = settings?.host_group;
  const hosts = typeof group === "string" ? { name: group, drs_rule: "MUST" as const } : group;
  return { datacenter: datacenter.name, cluster: name, resourcePool: settings?.resource_pool, hostGroup: hosts && { name: hosts.name, mandatory: hosts.drs_rule !== "SHOULD" } };
}
