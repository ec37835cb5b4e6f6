import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { IaasError } from "../../../director/core/errors.ts";
import type { AccessPath } from "../port.ts";

const cidr = z.string().regex(/^\d+(\.\d+){3}\/\d+$/, "must be a range such as 10.0.0.0/16");
const zoneOf = z.record(z.string().min(1), z.string().min(1));

const newVpc = z.strictObject({
  /** Range of the VPC that is made; the subnets' ranges lie in it. */
  cidr,
  /** Range of each AZ's public subnet, for NAT gateways and load balancers that face the internet. Default: none. */
  publicRanges: z.record(z.string(), cidr).default({}),
});

const givenVpc = z.strictObject({
  /** The VPC in which all is made; subnets come with the cloud config's `subnet`, or are made. */
  id: z.string().regex(/^vpc-/, "must be the id of a VPC"),
  /** Public subnet of each AZ, for load balancers that face the internet. */
  publicSubnets: zoneOf.default({}),
  /** Route table of subnets that are made. Default: the VPC's main one. */
  routeTable: z.string().min(1).optional(),
});

export const awsArgsSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-central-1"),
  vpc: z.union([newVpc, givenVpc]),
  /** How VMs of a new VPC reach the internet. `per-az` outlives the loss of an AZ, `single` costs one gateway. Default: `none`. */
  nat: z.enum(["per-az", "single", "none"]).default("none"),
  /** AWS services reached without the internet: `s3` by a gateway, others (`ec2`, `logs`) by an interface in each AZ. */
  endpoints: z.array(z.string().min(1)).default([]),
  /** AMIs of light stemcells: by `<os>/<version>`, an AMI by region or the one of this region. */
  stemcells: z.record(z.string(), z.union([z.string().regex(/^ami-/), z.record(z.string(), z.string().regex(/^ami-/))])),
  /** Boot from an encrypted copy of the stemcell, by the account's key or the one named. Default: false; root disks are then as the AMI's. */
  encryptedStemcells: z.boolean().default(false),
  /** KMS key of all disks that name none. Default: the account's EBS key. */
  kmsKeyArn: z.string().startsWith("arn:").optional(),
  /** Security groups of VMs for which neither VM type nor network names any, beside the environment's own. */
  securityGroups: z.array(z.string().regex(/^sg-/, "must be the id of a security group")).default([]),
  keyName: z.string().min(1).optional(),
  /** Name of the instance profile of VMs whose type names none. */
  iamInstanceProfile: z.string().min(1).optional(),
  /** Keeps VMs of a group on different racks: `partition` spreads any number over 7 a zone, `spread` takes at most 7 a zone. Default: `partition`. */
  antiAffinity: z.enum(["partition", "spread", "none"]).default("partition"),
  /**
   * What a persistent disk that is no longer in the program needs to go: `protect` refuses until the protection is taken away, `retain`
   * leaves the volume behind, `delete` deletes it with its data. Default: `protect`.
   */
  persistentDisks: z.enum(["protect", "retain", "delete"]).default("protect"),
  /** Instance groups that may run on spot capacity, where their VM type bids. Default: none. */
  spotGroups: z.array(z.string().min(1)).default([]),
  /** Route 53 zone for the names of load balancers. Default: none are made. */
  hostedZone: z.string().min(1).optional(),
  /** Ranges from which load balancers take connections. Default: everywhere. */
  publicFrom: z.array(cidr).default(["0.0.0.0/0"]),
  /** Purposes of buckets that are made, `droplets` for one; VMs without a profile of their own get one that may use them. */
  buckets: z.array(z.string().regex(/^[a-z0-9-]+$/, "must have lower-case letters, digits and dashes only")).default([]),
  /** Time servers of every VM. Default: AWS's own at each VM's link. */
  ntp: z.array(z.string().min(1)).default(["169.254.169.123"]),
  /** Local environment where packages are compiled that no release brings compiled. Default: none, releases must be compiled ones. */
  compilation: z.strictObject({ localEnvironment: z.string().min(1) }).optional(),
  /** May a bucket that still holds objects go with the environment? Default: false. */
  emptyBucketsOnDestroy: z.boolean().default(false),
});

export type AwsSettings = z.infer<typeof awsArgsSchema>;

/** Where an environment on AWS lives and how. */
export type AwsIaasArgs = z.input<typeof awsArgsSchema> & {
  /** How the deployer reaches agents. Default: `{ kind: "direct" }`, from inside the VPC or through a VPN. */
  access?: AccessPath;
  /** Arguments of `@pulumi/aws`'s provider besides the region: credentials, `assumeRoles`, `allowedAccountIds`, `endpoints`. */
  provider?: pulumi.Inputs;
};

/** @throws IaasError `iaas.aws-args` with every finding */
export function readArgs({ access: _access, provider: _provider, ...given }: AwsIaasArgs): AwsSettings {
  const parsed = awsArgsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "arguments"}: ${issue.message}`);
  throw new IaasError("iaas.aws-args", `awsIaas can't be used like this: ${problems.join("; ")}`, { method: "open", details: { problems } });
}
