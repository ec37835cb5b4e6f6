import type { EC2Client, Instance, NetworkInterface, Tag, Volume } from "@aws-sdk/client-ec2";
import { IaasError, messageOf } from "../../director/core/errors.ts";
import { type Account, type Look, ownerOf, type Seen, type SeenDisk, type SeenVm, textIn, type Stray } from "../seen.ts";

type Sdk = typeof import("@aws-sdk/client-ec2");

const WAIT_MS = 20_000;
const GONE_SECONDS = 300;
/** What is there, and what will not run by itself. */
const there = ["pending", "running", "rebooting", "stopping", "stopped"];
const ended = new Set(["stopping", "stopped"]);

/** Instances, volumes and interfaces that have the environment's tags, or that the state knows; who else calls a tag `environment` is left alone. */
export const lookAtAws: Look = async (account, mark): Promise<Seen> => {
  const { sdk, ec2 } = await client(account);
  const ofEnvironment = { Name: "tag:environment", Values: [mark.environment] };
  const owned = (id: string | undefined) => account.known.has(id ?? "");
  const ours = (id: string | undefined, tags: readonly Tag[] | undefined) => owned(id) || ownerOf(mapOf(tags), "") !== undefined;
  try {
    const [instances, volumes, interfaces] = await Promise.all([
      everyPage(sdk.paginateDescribeInstances({ client: ec2 }, { Filters: [ofEnvironment, { Name: "instance-state-name", Values: there }] }), ({ Reservations = [] }) => Reservations.flatMap((one) => one.Instances ?? [])),
      everyPage(sdk.paginateDescribeVolumes({ client: ec2 }, { Filters: [ofEnvironment] }), ({ Volumes = [] }) => Volumes),
      everyPage(sdk.paginateDescribeNetworkInterfaces({ client: ec2 }, { Filters: [ofEnvironment] }), ({ NetworkInterfaces = [] }) => NetworkInterfaces),
    ]);
    return {
      vms: instances.filter(({ InstanceId, Tags }) => ours(InstanceId, Tags)).map((instance) => vmOf(sdk, ec2, instance, owned(instance.InstanceId))),
      disks: volumes.filter((volume) => ours(volume.VolumeId, volume.Tags) && !ofVm(volume)).map((volume) => diskOf(sdk, ec2, volume, owned(volume.VolumeId))),
      others: interfaces.filter(({ NetworkInterfaceId, TagSet }) => !owned(NetworkInterfaceId) && ours(NetworkInterfaceId, TagSet)).map((one) => interfaceOf(sdk, ec2, one)),
    };
  } catch (cause) {
    throw refused("AWS can't be asked for VMs and disks", cause);
  }
};

async function client({ env, provider }: Account): Promise<{ sdk: Sdk; ec2: EC2Client }> {
  let sdk: Sdk;
  try {
    sdk = await import("@aws-sdk/client-ec2");
  } catch (cause) {
    throw new IaasError("iaas.missing-sdk", "AWS can't be asked for VMs and disks: @aws-sdk/client-ec2 is not installed", { method: "info", hint: "npm install @aws-sdk/client-ec2", cause });
  }
  const region = textIn(provider, "region") ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region === undefined) throw new IaasError("iaas.credentials", "AWS can't be asked: the region is not known", { method: "info", hint: "set AWS_REGION to the environment's region" });
  return { sdk, ec2: new sdk.EC2Client({ region, maxAttempts: 4, requestHandler: { requestTimeout: WAIT_MS, connectionTimeout: WAIT_MS } }) };
}

async function everyPage<P, T>(pages: AsyncIterable<P>, items: (page: P) => readonly T[]): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...items(page));
  return all;
}

function vmOf(sdk: Sdk, ec2: EC2Client, { InstanceId: id = "", Tags, State, Placement, PrivateIpAddress, LaunchTime }: Instance, owned: boolean): SeenVm {
  const remove = async () => {
    await unlessGone(ec2.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] })));
    // What it has, its interface and volumes, is free only once it is gone.
    await unlessGone(sdk.waitUntilInstanceTerminated({ client: ec2, maxWaitTime: GONE_SECONDS, minDelay: 1, maxDelay: 5 }, { InstanceIds: [id] }));
  };
  return { cid: id, name: mapOf(Tags)["Name"] ?? "", owned, state: ended.has(State?.Name ?? "") ? "stopped" : "running", az: Placement?.AvailabilityZone ?? "", ip: PrivateIpAddress ?? "", createdAt: LaunchTime?.toISOString() ?? "", remove };
}

/** Where persistent disks are attached. */
const persistent = /^\/dev\/(sd|xvd)[f-p]$/;

/** A disk of the VM's own, which goes with it. */
function ofVm({ Attachments = [] }: Volume): boolean {
  return Attachments.some(({ DeleteOnTermination, Device = "" }) => DeleteOnTermination || !persistent.test(Device));
}

function diskOf(sdk: Sdk, ec2: EC2Client, { VolumeId: id = "", Tags, Size = 0, AvailabilityZone = "", Attachments = [] }: Volume, owned: boolean): SeenDisk {
  const tags = mapOf(Tags);
  const owner = ownerOf(tags, AvailabilityZone);
  return { cid: id, name: tags["Name"] ?? "", owned, sizeMiB: Size * 1024, attachedTo: Attachments.find(({ State }) => State !== "detached")?.InstanceId, ...(owner && { owner }), remove: () => unlessGone(ec2.send(new sdk.DeleteVolumeCommand({ VolumeId: id }))) };
}

function interfaceOf(sdk: Sdk, ec2: EC2Client, { NetworkInterfaceId: id = "", TagSet }: NetworkInterface): Stray {
  return { id, about: `network interface ${mapOf(TagSet)["Name"] ?? "without a name"}`, remove: () => unlessGone(ec2.send(new sdk.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }))) };
}

function mapOf(tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (!/NotFound/.test((cause as Error).name)) throw refused("AWS does not take it away", cause);
  }
}

function refused(what: string, cause: unknown): IaasError {
  return new IaasError("iaas.unreachable", `${what}: ${(cause as Error).name}: ${messageOf(cause)}`, { method: "info", cause, hint: "repave doctor --iaas aws" });
}
