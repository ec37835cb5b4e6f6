import * as ec2 from "@aws-sdk/client-ec2";
import type { Fields, Part } from "../../stand-in/kind.ts";
import { isGone, tagged, unlessGone, type Clients } from "./clients.ts";
import { retag } from "./network-parts.ts";

type AwsPart = Part<Clients>;

const device = ({ volumeSize, volumeType, iops, throughput, encrypted, kmsKeyId, deleteOnTermination }: Fields): ec2.EbsBlockDevice => ({ VolumeSize: volumeSize, VolumeType: volumeType, Iops: iops, Throughput: throughput, Encrypted: encrypted, KmsKeyId: kmsKeyId, DeleteOnTermination: deleteOnTermination });

async function stateOf(api: Clients, id: string): Promise<string | undefined> {
  try {
    const { Reservations } = await api.ec2.send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const replacing = ["ami", "availabilityZone", "subnetId", "privateIp", "keyName", "tenancy", "placementGroup", "hostId", "ipv6Addresses", "associatePublicIpAddress", "ebsOptimized", "hibernation", "securityGroups", "primaryNetworkInterface", "ephemeralBlockDevices", "ebsBlockDevices", "instanceMarketOptions"];

export const instance: AwsPart = {
  type: "aws:ec2/instance:Instance",
  replace: (olds, news, changed) =>
    changed.filter((key) => {
      if (key === "userData") return news["userDataReplaceOnChange"] === true;
      if (key === "rootBlockDevice") return ["encrypted", "kmsKeyId"].some((part) => olds[key]?.[part] !== news[key]?.[part]);
      return replacing.includes(key);
    }),
  async create(api, inputs) {
    const { ami, instanceType, availabilityZone, keyName, iamInstanceProfile, primaryNetworkInterface, userData, rootBlockDevice, ebsBlockDevices = [], metadataOptions, placementGroup, tenancy, instanceMarketOptions, tags } = inputs;
    const request: ec2.RunInstancesCommandInput = {
      ImageId: ami,
      InstanceType: instanceType,
      MinCount: 1,
      MaxCount: 1,
      KeyName: keyName,
      ...(iamInstanceProfile ? { IamInstanceProfile: { Name: iamInstanceProfile } } : {}),
      Placement: { AvailabilityZone: availabilityZone, GroupName: placementGroup, Tenancy: tenancy },
      NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: primaryNetworkInterface.networkInterfaceId }],
      UserData: Buffer.from(String(userData)).toString("base64"),
      BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: device({ volumeSize: 8, ...rootBlockDevice }) }, ...(ebsBlockDevices as Fields[]).map((block) => ({ DeviceName: block["deviceName"] as string, Ebs: device(block) }))],
      MetadataOptions: { HttpEndpoint: metadataOptions.httpEndpoint, HttpTokens: metadataOptions.httpTokens, HttpPutResponseHopLimit: metadataOptions.httpPutResponseHopLimit },
      ...(instanceMarketOptions ? { InstanceMarketOptions: { MarketType: instanceMarketOptions.marketType } } : {}),
      ...tagged("instance", tags),
    };
    const { Instances } = await api.ec2.send(new ec2.RunInstancesCommand(request));
    const [made] = Instances!;
    return { id: made!.InstanceId!, outputs: { privateIp: made!.PrivateIpAddress, arn: `arn:aws:ec2:::instance/${made!.InstanceId}` } };
  },
  async ready(api, id) {
    await api.until(() => stateOf(api, id), (state) => state === "running");
  },
  async update(api, id, _olds, news, changed) {
    // In the real provider others stop the instance and start it again: ours must never come to it.
    await retag(api, id, news, changed.filter((key) => key !== "rootBlockDevice" && key !== "metadataOptions"), "ec2.Instance");
  },
  async remove(api, id) {
    await unlessGone(api.ec2.send(new ec2.TerminateInstancesCommand({ InstanceIds: [id] })));
    await api.until(() => stateOf(api, id), (state) => state === undefined || state === "terminated");
  },
  isThere: async (api, id) => ["running", "pending"].includes((await stateOf(api, id)) ?? ""),
};

async function volumeOf(api: Clients, id: string): Promise<ec2.Volume | undefined> {
  try {
    return (await api.ec2.send(new ec2.DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes?.[0];
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

export const volume: AwsPart = {
  type: "aws:ebs/volume:Volume",
  replace: ["availabilityZone", "encrypted", "kmsKeyId", "snapshotId", "multiAttachEnabled", "outpostArn"],
  async create(api, { availabilityZone, size, type, iops, throughput, encrypted, kmsKeyId, tags }) {
    const made = await api.ec2.send(new ec2.CreateVolumeCommand({ AvailabilityZone: availabilityZone, Size: size, VolumeType: type, Iops: iops, Throughput: throughput, Encrypted: encrypted, KmsKeyId: kmsKeyId, ...tagged("volume", tags) }));
    return { id: made.VolumeId!, outputs: { arn: `arn:aws:ec2:::volume/${made.VolumeId}` } };
  },
  async ready(api, id) {
    await api.until(() => volumeOf(api, id), (found) => found?.State === "available" || found?.State === "in-use");
  },
  async update(api, id, olds, news, changed) {
    const geometry = ["size", "type", "iops", "throughput"];
    if (changed.some((key) => geometry.includes(key))) {
      if (news["size"] < olds["size"]) throw new Error(`modifying EBS Volume (${id}): InvalidParameterValue: New size cannot be smaller than existing size`);
      await api.ec2.send(new ec2.ModifyVolumeCommand({ VolumeId: id, Size: news["size"], VolumeType: news["type"], Iops: news["iops"], Throughput: news["throughput"] }));
    }
    await retag(api, id, news, changed.filter((key) => !geometry.includes(key)), "ebs.Volume");
  },
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteVolumeCommand({ VolumeId: id }))),
  isThere: async (api, id) => (await volumeOf(api, id)) !== undefined,
};

export const volumeAttachment: AwsPart = {
  type: "aws:ec2/volumeAttachment:VolumeAttachment",
  replace: ["deviceName", "instanceId", "volumeId"],
  async create(api, { deviceName, instanceId, volumeId }) {
    await api.ec2.send(new ec2.AttachVolumeCommand({ Device: deviceName, InstanceId: instanceId, VolumeId: volumeId }));
    return { id: `vai-${volumeId}-${instanceId}` };
  },
  async ready(api, _id, { volumeId, instanceId }) {
    await api.until(() => volumeOf(api, volumeId), (found) => found?.Attachments?.some((a) => a.InstanceId === instanceId && a.State === "attached") ?? false);
  },
  async remove(api, _id, { instanceId, volumeId }) {
    if (((await volumeOf(api, volumeId))?.Attachments ?? []).length === 0) return;
    await unlessGone(api.ec2.send(new ec2.DetachVolumeCommand({ InstanceId: instanceId, VolumeId: volumeId })));
    await api.until(() => volumeOf(api, volumeId), (found) => found === undefined || (found.Attachments ?? []).length === 0);
  },
  isThere: async (api, _id, { volumeId, instanceId }) => (await volumeOf(api, volumeId))?.Attachments?.some((a) => a.InstanceId === instanceId) ?? false,
};
