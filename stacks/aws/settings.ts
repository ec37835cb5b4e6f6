import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const texts = z.array(z.string().min(1));
const byAz = z.record(z.string(), z.string().min(1));

const schema = z.strictObject({
  region: z.string({ error: "is missing: eu-central-1 for one" }).min(1),
  /** AMIs of light stemcells, by OS and version: `{"ubuntu-noble/1.484": {"eu-central-1": "ami-..."}}`. */
  stemcells: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]), { error: 'is missing: {"OS/VERSION": {"REGION": "ami-..."}}' }),
  /** AWS's zone of each AZ. Default: a, b and c of the region. */
  availabilityZones: byAz.optional(),
  /** Range of the VPC. */
  vpcRange: z.string().min(1).default("10.0.0.0/16"),
  /** A VPC to make all in, instead of a new one. */
  vpcId: z.string().min(1).optional(),
  /** Range of the default network in each AZ. */
  ranges: byAz.default({ z1: "10.0.16.0/20", z2: "10.0.32.0/20", z3: "10.0.48.0/20" }),
  /** Range of the public subnet in each AZ, or its id in a given VPC. */
  publicSubnets: byAz.default({ z1: "10.0.2.0/24", z2: "10.0.3.0/24", z3: "10.0.4.0/24" }),
  nat: z.enum(["per-az", "single", "none"]).default("per-az"),
  endpoints: texts.default(["s3"]),
  /** Instance type of each VM type instead of the stack's own. */
  instanceTypes: byAz.default({}),
  /** Certificate of the router's load balancer: TLS ends there then. */
  certificateArn: z.string().min(1).optional(),
  hostedZone: z.string().min(1).optional(),
  /** Domain of the platform: with a hosted zone its names lead to the load balancers. */
  systemDomain: z.string().min(1).optional(),
  keyName: z.string().min(1).optional(),
  kmsKeyArn: z.string().min(1).optional(),
  /** Purposes of S3 buckets that are made. */
  buckets: texts.default([]),
  /** Ports of TCP routes. AWS allows 50 listeners in all on a load balancer. */
  tcpPorts: z.strictObject({ first: z.number().int(), last: z.number().int() }).default({ first: 1024, last: 1033 }),
  deployerRanges: texts.optional(),
  /** Program that carries the bytes to an agent, with %h and %p. Default: addresses are dialled directly. */
  accessCommand: texts.min(1).optional(),
  persistentDisks: z.enum(["protect", "retain", "delete"]).default("protect"),
});

export type AwsStackSettings = z.infer<typeof schema>;

const words = ["region", "vpcRange", "vpcId", "nat", "certificateArn", "hostedZone", "systemDomain", "keyName", "kmsKeyArn", "persistentDisks"] as const;
const objects = ["stemcells", "availabilityZones", "ranges", "publicSubnets", "endpoints", "instanceTypes", "buckets", "tcpPorts", "deployerRanges", "accessCommand"] as const;

/** What `iaas:…` of the stack's configuration says, checked as a whole. */
export function awsStackSettings(): AwsStackSettings {
  const config = new pulumi.Config("iaas");
  const given = [...words.map((key) => [key, config.get(key)] as const), ...objects.map((key) => [key, config.getObject(key)] as const)];
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  - iaas:${issue.path.join(".")} ${issue.message}`);
  throw new pulumi.RunError(`The configuration of AWS is not complete:\n${lines.join("\n")}\n  next: pulumi config set iaas:region REGION; lists and maps are JSON`);
}
