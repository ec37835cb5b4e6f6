import { z } from "zod";
import { count, namedSizes, propertyReader, readSizedVm, text, texts, type PropertyRule } from "../property-rules.ts";

const uuid = z.string().regex(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, "is not an id");

/** Every key of the OpenStack CPI, and those of ours. The page of cloud properties is made from this list. */
export const propertyRules: readonly PropertyRule[] = [
  { place: "azs", key: "availability_zone", schema: text, becomes: "AZ of servers and volumes" },
  { place: "azs", key: "availability_zones", refused: "servers would move at random: give each AZ one `availability_zone`" },
  { place: "networks", key: "net_id", schema: text, becomes: "the network is used as it is; else network, subnets and router are made" },
  { place: "networks", key: "subnet_id", schema: text, becomes: "the subnet is used as it is (default: the one of `net_id` with this range)" },
  { place: "networks", key: "security_groups", schema: texts, becomes: "security groups of ports, beside the environment's own" },
  { place: "networks", key: "vrrp_port_check", refused: "ports are declared here, and Neutron refuses an address that is taken" },
  { place: "vm_types", key: "instance_type", schema: text, becomes: "flavor by name; another one makes a new VM" },
  { place: "vm_types", key: "availability_zone", schema: text, becomes: "AZ of the server" },
  { place: "vm_types", key: "key_name", schema: text, becomes: "key pair" },
  { place: "vm_types", key: "security_groups", schema: texts, becomes: "security groups of ports instead of the networks', beside the environment's own" },
  { place: "vm_types", key: "scheduler_hints", schema: z.record(z.string(), z.any()), becomes: "scheduler hints, beside the server group" },
  { place: "vm_types", key: "boot_from_volume", schema: z.boolean(), becomes: "root disk as a volume" },
  { place: "vm_types", key: "root_disk", schema: z.object({ size: count }), becomes: "size of that volume in GiB" },
  { place: "vm_types", key: "loadbalancer_pools", schema: z.array(z.object({ id: uuid, port: z.number().int() })), becomes: "membership in given Octavia pools: by `id`, since the provider finds no pool by its name" },
  { place: "vm_types", key: "allowed_address_pairs", schema: text, becomes: "a further address on the port of the default network" },
  ...namedSizes("flavor"),
  { place: "disk_types", key: "type", schema: text, becomes: "volume type" },
  { place: "load_balancer", key: "subnet_id", schema: text, becomes: "subnet of the address (default: that of the group's first AZ)" },
  { place: "load_balancer", key: "vip_address", schema: text, becomes: "the address" },
  { place: "load_balancer", key: "provider", schema: text, becomes: "Octavia's driver" },
  { place: "load_balancer", key: "method", schema: z.enum(["ROUND_ROBIN", "LEAST_CONNECTIONS", "SOURCE_IP"]), becomes: "how members are chosen (default ROUND_ROBIN)" },
];

export interface VmProperties {
  instance_type?: string;
  availability_zone?: string;
  key_name?: string;
  security_groups?: string[];
  scheduler_hints?: Record<string, unknown>;
  boot_from_volume?: boolean;
  root_disk?: { size: number };
  loadbalancer_pools?: { id: string; port: number }[];
  allowed_address_pairs?: string;
}

export interface NetworkProperties {
  net_id?: string;
  subnet_id?: string;
  security_groups?: string[];
}

export interface BalancerProperties {
  subnet_id?: string;
  vip_address?: string;
  provider?: string;
  method?: string;
}

export const readProperties = propertyReader(propertyRules, "openstack");

/** A VM's properties are those of its AZ, type and extensions in one. */
export function readVmProperties(whose: string, given: Readonly<Record<string, unknown>>): VmProperties & { instance_type: string } {
  return readSizedVm<VmProperties>(readProperties, whose, given, { name: "flavor", example: "FLAVOR" });
}
