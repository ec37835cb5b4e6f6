import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { DiskArgs, Iaas, IaasAdapter, OpenArgs, VmGroup } from "../port.ts";
import { versionsIn } from "../stemcell-versions.ts";
import { readArgs, type AwsIaasArgs, type AwsSettings } from "./args.ts";
import { declareBalancer } from "./balancer.ts";
import { declareBuckets } from "./buckets.ts";
import { readProperties, type DiskProperties } from "./cloud-properties.ts";
import { declareJumpbox } from "./jumpbox.ts";
import { declareNetwork } from "./network.ts";
import { loadSdk } from "./sdk.ts";
import { SecurityGroups } from "./security.ts";
import { dashed, named, type Shared } from "./shared.ts";
import { Stemcells } from "./stemcell.ts";
import { gib } from "./vm-options.ts";
import { declareVm } from "./vm.ts";

export type { AwsIaasArgs } from "./args.ts";

/** An adapter for AWS, and what an environment on it has besides VMs. */
export interface AwsIaas extends IaasAdapter {
  /** Name of the S3 bucket of each purpose in `buckets`, once the environment is open. */
  readonly buckets: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * AWS: EC2 instances on network interfaces of their own, EBS volumes, network load balancers in front. Needs the package `@pulumi/aws`.
 *
 * @throws IaasError `iaas.aws-args`; when opened: `iaas.missing-sdk`, `iaas.network`, `iaas.cloud-property`, `iaas.stemcell`
 * @example
 * new Environment("cf", {
 *   iaas: awsIaas({
 *     region: "eu-central-1",
 *     vpc: { cidr: "10.0.0.0/16", publicRanges: { z1: "10.0.2.0/24", z2: "10.0.3.0/24" } },
 *     nat: "per-az",
 *     stemcells: { "ubuntu-noble/1.484": { "eu-central-1": "ami-0123456789abcdef0" } },
 *   }),
 *   cloudConfig: { file: "cloud-config.yml" },
 * });
 */
export function awsIaas(args: AwsIaasArgs): AwsIaas {
  const settings = readArgs(args);
  const buckets: Record<string, pulumi.Output<string>> = {};
  return { name: "aws", buckets, open: (name, open, opts) => openEnvironment({ args, settings, buckets }, name, open, opts) };
}

interface Given {
  args: AwsIaasArgs;
  settings: AwsSettings;
  buckets: Record<string, pulumi.Output<string>>;
}

function openEnvironment({ args, settings, buckets }: Given, name: string, open: OpenArgs, parentOpts: pulumi.CustomResourceOptions): Iaas {
  const sdk = loadSdk();
  const zones = new Map(open.azs.map((az) => [az.name, zoneOfAz(az, settings.region)]));
  const provider = new sdk.Provider(name, { ...args.provider, region: settings.region }, parentOpts);
  const opts = { ...parentOpts, provider };
  const shared: Shared = { sdk, name, settings, access: args.access ?? { kind: "direct" }, open, provider, opts, zones };
  const network = declareNetwork(shared);
  const blobstore = declareBuckets(shared);
  const security = new SecurityGroups(shared, network.vpcId, [...network.made, ...blobstore.made]);
  Object.assign(buckets, blobstore.names);
  const stemcells = new Stemcells(shared);
  const groups = new WeakMap<VmGroup, pulumi.Output<string>>();
  const withProvider = (given: pulumi.CustomResourceOptions) => ({ ...given, provider });
  return {
    name: "aws",
    network: security.ready,
    stemcellVersions: (os) => versionsIn(settings.stemcells, os),
    stemcell: (wanted) => stemcells.get(wanted),
    vmGroup(groupName, { tags }, groupOpts) {
      const vmGroup: VmGroup = { complete() {} };
      const strategy = settings.antiAffinity;
      if (strategy === "none") return vmGroup;
      // Whatever the group's size: a VM changes its placement group only by being made anew. Another strategy is another group.
      const own = dashed(name, groupName, strategy);
      const group = new sdk.PlacementGroup(`${groupName}-${strategy}`, { name: own, strategy, ...(strategy === "partition" ? { partitionCount: 7 } : {}), tags: named(own, tags) }, withProvider(groupOpts));
      groups.set(vmGroup, group.name);
      return vmGroup;
    },
    createVm: (vmName, vm, vmOpts) => declareVm(shared, vmName, vm, { subnets: network.subnets, security, placementGroup: groups.get(vm.vmGroup), profile: blobstore.profile }, withProvider(vmOpts)),
    createJumpbox: (jumpboxName, jumpbox, jumpboxOpts) => declareJumpbox(shared, jumpboxName, jumpbox, { network, security }, withProvider(jumpboxOpts)),
    createDisk(diskName, disk, diskOpts) {
      const keep = settings.persistentDisks;
      const volume = new sdk.Volume(diskName, volumeArgs(shared, disk), pulumi.mergeOptions(withProvider(diskOpts), { protect: keep === "protect", retainOnDelete: keep === "retain" }));
      return { resource: volume, cid: volume.id };
    },
    createLoadBalancer: (balancerName, balancer, balancerOpts) => declareBalancer(shared, balancerName, balancer, { network, security }, withProvider(balancerOpts)),
    compilation: () => settings.compilation && { environment: settings.compilation.localEnvironment },
  };
}

function zoneOfAz({ name, cloudProperties }: OpenArgs["azs"][number], region: string): string {
  const { availability_zone: zone } = readProperties<{ availability_zone?: string }>("azs", `AZ '${name}'`, cloudProperties);
  const hint = `give it 'cloud_properties: { availability_zone: ${region}a }'`;
  if (zone === undefined) throw new IaasError("iaas.cloud-property", `The AZ '${name}' has no availability zone`, { method: "open", hint });
  if (!zone.startsWith(region)) throw new IaasError("iaas.cloud-property", `The AZ '${name}' is in ${zone}, but the environment in ${region}`, { method: "open", hint });
  return zone;
}

function volumeArgs({ settings, zones }: Shared, disk: DiskArgs) {
  const whose = `disk of ${disk.group}/${disk.instanceId}`;
  const { type, iops, throughput, encrypted = true, kms_key_arn, tags } = readProperties<DiskProperties>("disk_types", whose, disk.cloudProperties);
  const availabilityZone = zones.get(disk.az);
  if (availabilityZone === undefined) throw new IaasError("iaas.cloud-property", `The ${whose} is in no AZ`, { method: "create_disk", hint: "on AWS an instance group needs 'azs'" });
  return { availabilityZone, size: gib(disk.sizeMiB), type: type ?? "gp3", iops, throughput, encrypted, kmsKeyId: encrypted ? (kms_key_arn ?? settings.kmsKeyArn) : undefined, tags: named(dashed(disk.deployment, disk.diskName), disk.tags, tags) };
}
