import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const texts = z.array(z.string().min(1));
const stemcell = z.union([z.strictObject({ imageId: z.string().min(1) }), z.strictObject({ stemcell: z.string().min(1), sha1: z.string().optional() }), z.strictObject({ imageFile: z.string().min(1), diskFormat: z.enum(["qcow2", "raw"]).optional(), properties: z.record(z.string(), z.string()).optional() })]);

const schema = z.strictObject({
  /** What VMs boot from, by OS and version: `{"ubuntu-noble/1.484": {"imageId": "..."}}`. */
  stemcells: z.record(z.string(), stemcell, { error: 'is missing: {"OS/VERSION": {"imageId": "..."}}' }),
  /** Nova's AZ of each AZ. */
  availabilityZones: z.record(z.string(), z.string().min(1)).default({}),
  /** Range of the default network in each AZ. */
  ranges: z.record(z.string(), z.string().min(1)).default({ z1: "10.0.16.0/20", z2: "10.0.32.0/20", z3: "10.0.48.0/20" }),
  /** Flavor of each VM type; default: one of the VM type's name. */
  flavors: z.record(z.string(), z.string().min(1)).default({}),
  dns: texts.default(["8.8.8.8"]),
  externalNetworkId: z.string().min(1).optional(),
  floatingIpPool: z.string().min(1).optional(),
  dnsZoneId: z.string().min(1).optional(),
  keyPair: z.string().min(1).optional(),
  volumeType: z.string().min(1).optional(),
  /** Ranges that the deployer comes from. Default: the environment's own. */
  deployerRanges: texts.optional(),
  /** Program that carries the bytes to an agent, with %h and %p. Default: addresses are dialled directly. */
  accessCommand: texts.min(1).optional(),
  persistentDisks: z.enum(["protect", "retain", "delete"]).default("protect"),
});

export type OpenstackSettings = z.infer<typeof schema>;

const words = ["externalNetworkId", "floatingIpPool", "dnsZoneId", "keyPair", "volumeType", "persistentDisks"] as const;
const objects = ["stemcells", "availabilityZones", "ranges", "flavors", "dns", "deployerRanges", "accessCommand"] as const;

/** What `iaas:…` of the stack's configuration says, checked as a whole. */
export function openstackSettings(): OpenstackSettings {
  const config = new pulumi.Config("iaas");
  const given = [...words.map((key) => [key, config.get(key)] as const), ...objects.map((key) => [key, config.getObject(key)] as const)];
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  - iaas:${issue.path.join(".")} ${issue.message}`);
  throw new pulumi.RunError(`The configuration of OpenStack is not complete:\n${lines.join("\n")}\n  next: pulumi config set --path iaas:stemcells ...; lists and maps are JSON`);
}
