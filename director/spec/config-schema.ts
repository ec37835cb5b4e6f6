import type { z } from "zod";
import { addonSchema } from "./addon-schema.ts";
import { vmResourcesSchema } from "./instance-group-schema.ts";
import { choice, flag, hash, integer, items, list, object, shapedItems, text, untyped } from "./kinds.ts";
import { releaseSchema, variableSchema } from "./manifest-schema.ts";

const cloudProperties = hash("Settings only the IaaS understands").optional();

const azSchema = object(
  { name: text("Name of the AZ"), cloud_properties: cloudProperties, cpi: text("CPI of this AZ").optional(), drain: flag("Beyond BOSH: `true` moves its instances to the other AZs of their groups and places nothing new in it").optional() },
  "One availability zone",
);

const namedProperties = object({ name: text("Name"), cloud_properties: cloudProperties }, "A name and its cloud properties");

const diskTypeSchema = object(
  { name: text("Name of the disk type"), disk_size: integer("Size in MB"), cloud_properties: cloudProperties },
  "One disk type",
);

export const subnetSchema = object(
  {
    name: text("Name; managed networks need one").optional(),
    range: text("CIDR of the subnet (manual networks)").optional(),
    gateway: text("Address of the gateway (manual networks)").optional(),
    dns: items("Addresses of name servers").optional(),
    reserved: untyped<string | readonly string[]>("Addresses never handed out: IPs, `a - b`, CIDRs").optional(),
    static: untyped<string | readonly string[]>("Addresses that groups may ask for: IPs, `a - b`, CIDRs").optional(),
    az: text("AZ of the subnet").optional(),
    azs: items("AZs of the subnet, instead of `az`").optional(),
    cloud_properties: cloudProperties,
    prefix: untyped<number | string>("Size of one allocation as a prefix length; default 32, or 128 for IPv6").optional(),
    netmask_bits: integer("Size of a managed subnet without a range, as a prefix length from 16 to 30; default 24").optional(),
  },
  "One subnet",
);

export const networkSchema = object(
  {
    name: text("Name of the network"),
    type: choice(["manual", "dynamic", "vip"], "Who hands out addresses: we, the IaaS, or the manifest; default `manual`").optional(),
    subnets: list(subnetSchema, "Subnets of the network").optional(),
    dns: items("Name servers of a dynamic network without subnets").optional(),
    cloud_properties: cloudProperties,
    managed: untyped<boolean>("`true`: its subnets have names, and those without a range get one").optional(),
  },
  "One network",
);

const compilationSchema = object(
  {
    workers: integer("VMs that compile at once", 1),
    network: text("Network of the workers"),
    az: text("AZ of the workers").optional(),
    vm_type: text("VM type of the workers").optional(),
    vm_resources: vmResourcesSchema.optional(),
    vm_extensions: items("VM extensions of the workers").optional(),
    cloud_properties: cloudProperties,
    env: hash("Settings for the agent of the workers").optional(),
    reuse_compilation_vms: flag("Keep a worker for the next package").optional(),
    orphan_workers: flag("Leave workers for the clean-up instead of deleting them").optional(),
  },
  "Where packages are compiled",
);

/** Every key of a cloud config. */
export const cloudConfigSchema = object(
  {
    azs: list(azSchema, "Availability zones").optional(),
    vm_types: list(namedProperties, "Sizes of VMs").optional(),
    vm_extensions: list(namedProperties, "Additions to a VM's cloud properties").optional(),
    disk_types: list(diskTypeSchema, "Kinds of persistent disks").optional(),
    networks: list(networkSchema, "Networks"),
    compilation: compilationSchema,
  },
  "A cloud config",
);

export type CloudConfig = z.input<typeof cloudConfigSchema>;

/** Every key of a runtime config. */
export const runtimeConfigSchema = object(
  {
    releases: list(releaseSchema, "Releases of the addons, with exact versions").optional(),
    addons: list(addonSchema, "Jobs put on the groups of every deployment").optional(),
    variables: shapedItems(variableSchema, "Credentials to generate in every deployment").optional(),
    tags: hash("Tags of every VM and disk").optional(),
  },
  "A runtime config",
);

export type RuntimeConfig = z.input<typeof runtimeConfigSchema>;

/** Every key of a CPI config. */
export const cpiConfigSchema = object(
  {
    cpis: list(
      object(
        {
          name: text("Name of the CPI"),
          type: text("Type of the CPI, such as `aws`"),
          exec_path: text("Path of its program; default `/var/vcap/jobs/TYPE_cpi/bin/cpi`").optional(),
          properties: hash("Handed to every call").optional(),
          migrated_from: list(object({ name: text("A former name") }, "A former name"), "Former names").optional(),
        },
        "One CPI",
      ),
      "CPIs by name",
    ),
  },
  "A CPI config",
);

export type CpiConfig = z.input<typeof cpiConfigSchema>;
