import { z } from "zod";
import { count, namedSizes, propertyReader, readSizedVm, text, texts, type PropertyRule } from "../property-rules.ts";

const tags = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const block = { size: count.optional(), type: text.optional(), iops: count.optional(), throughput: count.optional() };
const switched = z.enum(["enabled", "disabled"]).optional();
const metadataOptions = z.strictObject({
  http_endpoint: switched,
  http_tokens: z.enum(["optional", "required"]).optional(),
  http_put_response_hop_limit: z.number().int().min(1).max(64).optional(),
  http_protocol_ipv6: switched,
  instance_metadata_tags: switched,
});
const port = z.number().int().min(1).max(65_535);
const listener = z.strictObject({ port, backend_port: port.optional(), protocol: z.enum(["TCP", "TLS", "HTTP", "HTTPS"]).optional(), certificate_arn: text.optional() });

/** Every key of the AWS CPI, and those of ours. The page of cloud properties is made from this list. */
export const propertyRules: readonly PropertyRule[] = [
  { place: "azs", key: "availability_zone", schema: text, becomes: "zone of the AZ's subnets, VMs and disks" },
  { place: "networks", key: "subnet", schema: text, becomes: "the subnet is used as it is; else one is made" },
  { place: "networks", key: "security_groups", schema: texts, becomes: "security groups of interfaces, beside the environment's own" },
  { place: "networks", key: "nic_group", refused: "each network has an interface of its own" },
  { place: "networks", key: "prefix", refused: "interfaces have single addresses" },
  { place: "vm_types", key: "instance_type", schema: text, becomes: "instance type; another one makes a new VM" },
  { place: "vm_types", key: "availability_zone", schema: text, becomes: "nothing: must be the zone of the instance's AZ" },
  { place: "vm_types", key: "security_groups", schema: texts, becomes: "security groups of interfaces instead of the networks', beside the environment's own" },
  { place: "vm_types", key: "key_name", schema: text, becomes: "key pair" },
  { place: "vm_types", key: "iam_instance_profile", schema: text, becomes: "instance profile by name" },
  { place: "vm_types", key: "elbs", schema: texts, becomes: "membership in given classic load balancers" },
  { place: "vm_types", key: "lb_target_groups", schema: texts, becomes: "membership in given target groups, found by name" },
  { place: "vm_types", key: "source_dest_check", schema: z.boolean(), becomes: "source and destination check of interfaces (default true)" },
  { place: "vm_types", key: "placement_group", schema: text, becomes: "placement group by name, instead of the instance group's own" },
  { place: "vm_types", key: "tenancy", schema: z.enum(["default", "dedicated"]), becomes: "tenancy" },
  { place: "vm_types", key: "spot_bid_price", schema: z.number().positive(), becomes: "spot capacity up to this price, in groups that `spotGroups` names and that have no persistent disk" },
  { place: "vm_types", key: "spot_ondemand_fallback", refused: "a plan says what is made: without spot capacity the update fails and says so; take the group out of `spotGroups` then" },
  { place: "vm_types", key: "metadata_options", schema: metadataOptions, becomes: "metadata options, over IMDSv2 with one hop" },
  { place: "vm_types", key: "advertised_routes", schema: z.array(z.strictObject({ table_id: text, destination: text })), becomes: "a route to the VM's interface in each table" },
  { place: "vm_types", key: "ephemeral_disk", schema: z.strictObject({ ...block, encrypted: z.boolean().optional(), kms_key_arn: text.optional(), use_root_disk: z.boolean().optional() }), becomes: "disk on /dev/sdb, in MiB (default 10 GiB gp3, encrypted); `use_root_disk` leaves it out; `use_instance_storage` is refused" },
  { place: "vm_types", key: "root_disk", schema: z.strictObject(block), becomes: "root disk, in MiB (default: the image's)" },
  { place: "vm_types", key: "raw_instance_storage", refused: "instance storage is lost with each stop: use an ephemeral or a persistent disk" },
  { place: "vm_types", key: "auto_assign_public_ip", refused: "interfaces are made before their VM, and AWS gives those no public address: put a load balancer in front" },
  { place: "vm_types", key: "tags", schema: tags, becomes: "tags of VM, interfaces and disks" },
  ...namedSizes("instance type"),
  { place: "disk_types", key: "type", schema: text, becomes: "volume type (default gp3)" },
  { place: "disk_types", key: "iops", schema: count, becomes: "IOPS" },
  { place: "disk_types", key: "throughput", schema: count, becomes: "throughput in MiB/s" },
  { place: "disk_types", key: "encrypted", schema: z.boolean(), becomes: "encryption (default true)" },
  { place: "disk_types", key: "kms_key_arn", schema: text, becomes: "key of the encryption" },
  { place: "disk_types", key: "tags", schema: tags, becomes: "tags of the volume" },
  { place: "load_balancer", key: "type", schema: z.enum(["network", "application"]), becomes: "NLB or ALB (default network)" },
  { place: "load_balancer", key: "internal", schema: z.boolean(), becomes: "addresses of the VMs' subnets only (default: false where there are public subnets)" },
  { place: "load_balancer", key: "certificate_arn", schema: text, becomes: "TLS ends at the load balancer's first port, with this certificate" },
  { place: "load_balancer", key: "listeners", schema: z.array(listener), becomes: "further ports: `port`, `backend_port` (default the same), `protocol`, `certificate_arn`" },
  { place: "load_balancer", key: "port_range", schema: z.strictObject({ first: port, last: port }), becomes: "further ports, each to the same one of the VMs: for TCP routers; AWS allows 50 in all" },
  { place: "load_balancer", key: "from", schema: texts, becomes: "ranges that may connect (default: `publicFrom`)" },
];

interface BlockProperties {
  /** MiB. */
  size?: number;
  type?: string;
  iops?: number;
  throughput?: number;
}

export interface VmProperties {
  instance_type?: string;
  availability_zone?: string;
  security_groups?: string[];
  key_name?: string;
  iam_instance_profile?: string;
  elbs?: string[];
  lb_target_groups?: string[];
  source_dest_check?: boolean;
  placement_group?: string;
  tenancy?: "default" | "dedicated";
  spot_bid_price?: number;
  metadata_options?: z.infer<typeof metadataOptions>;
  advertised_routes?: { table_id: string; destination: string }[];
  ephemeral_disk?: BlockProperties & { encrypted?: boolean; kms_key_arn?: string; use_root_disk?: boolean };
  root_disk?: BlockProperties;
  tags?: Record<string, unknown>;
}

export interface NetworkProperties {
  subnet?: string;
  security_groups?: string[];
}

export interface DiskProperties {
  type?: string;
  iops?: number;
  throughput?: number;
  encrypted?: boolean;
  kms_key_arn?: string;
  tags?: Record<string, unknown>;
}

export type ListenerProperties = z.infer<typeof listener>;

export interface BalancerProperties {
  type?: "network" | "application";
  internal?: boolean;
  certificate_arn?: string;
  listeners?: ListenerProperties[];
  port_range?: { first: number; last: number };
  from?: string[];
}

export const readProperties = propertyReader(propertyRules, "aws");

export type SizedVm = VmProperties & { instance_type: string };

/** A VM's properties are those of its AZ, type and extensions in one. */
export function readVmProperties(whose: string, given: Readonly<Record<string, unknown>>): SizedVm {
  return readSizedVm<VmProperties>(readProperties, whose, given, { name: "instance type", example: "m5.large" });
}
