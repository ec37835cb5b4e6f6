import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const text = z.string().min(1);
const texts = z.array(text);
const diskGiB = z.number().int().positive().optional();
const stemcell = z.union([
  z.strictObject({ template: text, linkedClone: z.boolean().optional(), diskGiB }),
  z.strictObject({ item: z.strictObject({ library: text, name: text }), diskGiB }),
  z.strictObject({ stemcell: text, sha1: text.optional(), diskGiB }),
  z.strictObject({ ovfFile: text, diskGiB }),
]);
const az = z.strictObject({
  datacenter: text,
  cluster: text,
  resourcePool: text.optional(),
  hostGroup: text.optional(),
  portGroup: text,
  /** Range of the default network. AZs with the same range and port group share the subnet. */
  range: text,
  /** Default: the first address of the range. */
  gateway: text.optional(),
  /** Addresses of the range that others have: `["10.0.16.2 - 10.0.16.50"]`. */
  reserved: texts.default([]),
  datastore: text.optional(),
  persistentDatastore: text.optional(),
});

const schema = z.strictObject({
  /** What VMs boot from, by OS and version: `{"ubuntu-noble/1.484": {"template": "..."}}`. */
  stemcells: z.record(z.string(), stemcell, { error: 'is missing: {"OS/VERSION": {"template": "NAME"}}' }),
  /** Where each AZ is. */
  azs: z.record(z.string(), az, { error: 'is missing: {"z1": {"datacenter": "DC", "cluster": "CLUSTER", "portGroup": "PORT GROUP", "range": "10.0.16.0/24"}, ...}' }),
  dns: texts.default(["8.8.8.8"]),
  ntp: texts.default([]),
  datastore: text.optional(),
  persistentDatastore: text.optional(),
  parentFolder: text.optional(),
  makeResourcePools: z.boolean().default(false),
  library: z.strictObject({ datacenter: text, datastore: text }).optional(),
  /** `cpu`, `ram` and `disk` by VM type, over the defaults. */
  sizes: z.record(z.string(), z.strictObject({ cpu: z.number().int().positive(), ram: z.number().int().positive(), disk: z.number().int().positive() })).default({}),
  /** Address, of an AZ's range, for web, SSH and TCP routes: the deployment's own balancers have it. It is kept from instances. */
  virtualIp: z.ipv4().optional(),
  /** VMs with HAProxy that may have it. */
  balancerInstances: z.number().int().min(1).default(2),
  /** Their VM type. */
  balancerVmType: text.default("minimal"),
  /** Ports of TCP routes at `virtualIp`. */
  tcpPorts: z.strictObject({ first: z.number().int(), last: z.number().int() }).default({ first: 1024, last: 1123 }),
  /** Addresses of load balancers of your own, instead. */
  balancers: z.strictObject({ router: text.optional(), ssh: text.optional(), tcp: text.optional() }).default({}),
  /** Ranges that the deployer comes from. Default: the environment's own. */
  deployerRanges: texts.optional(),
  /** Program that carries the bytes to an agent, with %h and %p. Default: addresses are dialled directly. */
  accessCommand: texts.min(1).optional(),
  antiAffinity: z.enum(["soft", "hard", "none"]).default("soft"),
  persistentDisks: z.enum(["protect", "retain", "delete"]).default("protect"),
});

export type VsphereSettings = z.infer<typeof schema>;

const words = ["datastore", "persistentDatastore", "parentFolder", "antiAffinity", "persistentDisks", "virtualIp", "balancerVmType"] as const;
const objects = ["stemcells", "azs", "dns", "ntp", "makeResourcePools", "library", "sizes", "balancerInstances", "tcpPorts", "balancers", "deployerRanges", "accessCommand"] as const;

/** What `iaas:…` of the stack's configuration says, checked as a whole. */
export function vsphereSettings(): VsphereSettings {
  const config = new pulumi.Config("iaas");
  const given = [...words.map((key) => [key, config.get(key)] as const), ...objects.map((key) => [key, config.getObject(key)] as const)];
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  - iaas:${issue.path.join(".")} ${issue.message}`);
  throw new pulumi.RunError(`The configuration of vSphere is not complete:\n${lines.join("\n")}\n  next: pulumi config set --path iaas:azs ...; lists and maps are JSON`);
}
