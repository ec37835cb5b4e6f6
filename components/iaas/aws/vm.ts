import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import { AgentSettings, heldSettings } from "../../../provider/resources/agent-settings.ts";
import type { AccessPath, Vm, VmArgs } from "../port.ts";
import { withoutProvider } from "../without-provider.ts";
import { readVmProperties, type VmProperties } from "./cloud-properties.ts";
import { deviceNames, diskHint } from "./device.ts";
import { declareMemberships } from "./memberships.ts";
import { subnetFor, type Subnet } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { dashed, named, type Shared } from "./shared.ts";
import { deviceArgs, ephemeralOf, marketOf, metadataOf } from "./vm-options.ts";

export interface VmParts {
  subnets: readonly Subnet[];
  security: SecurityGroups;
  /** Name of the instance group's placement group; undefined where VMs are not kept apart. */
  placementGroup: pulumi.Output<string> | undefined;
  /** Instance profile of VMs that name none. */
  profile: pulumi.Input<string> | undefined;
}

/** Longest user data, in bytes, that EC2 takes. */
const LONGEST_USER_DATA = 16_384;

/** Whatever of the next VM has changed, a held one keeps what it has. */
const heldInstance = ["ami", "instanceType", "availabilityZone", "keyName", "placementGroup", "tenancy", "userData", "ebsBlockDevices", "rootBlockDevice", "instanceMarketOptions", "primaryNetworkInterface"];

/** Interfaces first, then settings with their MACs, the instance, and its volumes. */
export function declareVm(shared: Shared, name: string, vm: VmArgs, parts: VmParts, opts: pulumi.CustomResourceOptions): Vm {
  const { sdk, settings } = shared;
  const via = pulumi.output<AccessPath>(vm.via ?? shared.access);
  const whose = `VM of ${vm.group}/${vm.instanceId}`;
  const properties = readVmProperties(whose, vm.cloudProperties);
  const zone = zoneOfVm(shared, vm, properties, whose);
  const vmName = dashed(vm.deployment, vm.slot);
  const tags = named(vmName, vm.tags, properties.tags);
  const replaced = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const interfaces = declareInterfaces(shared, name, { vm, vmName, properties, parts, tags }, replaced);
  const ephemeral = ephemeralOf(properties, settings.kmsKeyArn);
  const market = marketOf(shared, vm, properties, whose);
  const keyName = properties.key_name ?? settings.keyName;
  const placementGroup = properties.placement_group ?? parts.placementGroup;
  const agent = new AgentSettings(
    name,
    {
      vmName,
      ip: vm.ip,
      via,
      networks: agentNetworks(vm, interfaces),
      // Without a disk of its own the agent carves the root disk.
      disks: { system: "/dev/xvda", ephemeral: ephemeral === undefined ? null : ephemeral.deviceName },
      env: vm.env,
      ntp: settings.ntp,
      fingerprint: {
        image: vm.stemcell.image,
        instanceType: properties.instance_type,
        availabilityZone: zone,
        ephemeralDisk: ephemeral ?? "",
        keyName: keyName ?? "",
        placementGroup: placementGroup ?? "",
        tenancy: properties.tenancy ?? "default",
        market: market?.marketType ?? "on-demand",
        interfaces: Object.fromEntries(interfaces.map(({ network, subnet }) => [network, subnet.id])),
      },
      agentCa: vm.agentCa,
      agentEpoch: vm.agentEpoch,
      repaveBefore: vm.repaveBefore,
    },
    withoutProvider(vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: heldSettings }) : opts),
  );
  const [first, ...others] = interfaces;
  const instance = new sdk.Instance(
    name,
    {
      ami: vm.stemcell.image,
      instanceType: properties.instance_type,
      availabilityZone: zone,
      keyName,
      iamInstanceProfile: properties.iam_instance_profile ?? settings.iamInstanceProfile ?? parts.profile,
      primaryNetworkInterface: { networkInterfaceId: first!.resource.id },
      userData: pulumi.secret(agent.userData.apply((text) => bounded(text, whose))),
      userDataReplaceOnChange: true,
      rootBlockDevice: { ...deviceArgs(properties.root_disk ?? {}), tags },
      ...(ephemeral === undefined ? {} : { ebsBlockDevices: [{ ...ephemeral, tags }] }),
      metadataOptions: metadataOf(properties),
      placementGroup,
      tenancy: properties.tenancy,
      ...(market === undefined ? {} : { instanceMarketOptions: market }),
      tags,
    },
    pulumi.mergeOptions(replaced, {
      additionalSecretOutputs: ["userData", "userDataBase64"],
      // EC2 would stop and start it with another type; a VM of ours is never changed, only made anew.
      replaceOnChanges: ["ami", "instanceType", "userData", "ebsBlockDevices"],
      ...(vm.hold ? { ignoreChanges: heldInstance } : {}),
    }),
  );
  for (const [i, { network, resource }] of others.entries()) {
    new sdk.NetworkInterfaceAttachment(dashed(name, network), { instanceId: instance.id, networkInterfaceId: resource.id, deviceIndex: i + 1 }, replaced);
  }
  for (const { table_id, destination } of properties.advertised_routes ?? []) {
    new sdk.Route(dashed(name, table_id, destination), { routeTableId: table_id, destinationCidrBlock: destination, networkInterfaceId: first!.resource.id }, replaced);
  }
  declareMemberships(shared, name, properties, instance.id, replaced);
  // Deleted before the instance, while the VM still runs; who unmounts must depend on it.
  const hints = vm.disks.map((disk, i) => {
    const deviceName = deviceNames[i]!;
    const attachment = new sdk.VolumeAttachment(vm.disks.length === 1 ? name : dashed(name, String(i)), { deviceName, instanceId: instance.id, volumeId: disk.cid }, replaced);
    return pulumi.all([attachment.id, disk.cid]).apply(([, volume]) => diskHint(properties.instance_type, deviceName, volume));
  });
  const access = pulumi
    .all([via, agent.agentId, agent.mbusPassword, pulumi.output(vm.agentCa)])
    .apply(([via, agentId, password, ca]) => ({ via, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
  return { resource: instance, cid: instance.id, access: pulumi.secret(access), hints };
}

function zoneOfVm({ zones }: Shared, vm: VmArgs, { availability_zone }: VmProperties, whose: string): string {
  const zone = zones.get(vm.az);
  if (zone === undefined) throw new IaasError("iaas.cloud-property", `The ${whose} is in no AZ`, { method: "create_vm", hint: "on AWS an instance group needs 'azs'" });
  if (availability_zone === undefined || availability_zone === zone) return zone;
  throw new IaasError("iaas.cloud-property", `The ${whose} is in the AZ '${vm.az}', which is ${zone}, but its VM type says ${availability_zone}`, { method: "create_vm", hint: "take 'availability_zone' out of the VM type: subnet, disk and VM must agree" });
}

interface MadeInterface {
  network: string;
  subnet: Subnet;
  resource: InstanceType<Shared["sdk"]["NetworkInterface"]>;
}

/** One for each network; that of the address where the agent listens first. They outlive their VM, and with them address and MAC. */
function declareInterfaces(shared: Shared, name: string, { vm, vmName, properties, parts, tags }: { vm: VmArgs; vmName: string; properties: VmProperties; parts: VmParts; tags: Record<string, string> }, opts: pulumi.CustomResourceOptions): MadeInterface[] {
  const { sdk, settings } = shared;
  const placed = Object.entries(vm.networks).map(([network, { type, ip }]) => {
    if (type === "vip") throw new IaasError("iaas.network", `The VM of ${vm.group}/${vm.instanceId} wants the VIP ${ip}`, { method: "create_vm", hint: "the AWS adapter gives VMs no public addresses: put a load balancer in front" });
    return { network, ip, subnet: subnetFor(parts.subnets, network, ip) };
  });
  const ofNetworks = [...new Set(placed.flatMap(({ subnet }) => subnet.securityGroups))];
  const securityGroups = parts.security.of(properties.security_groups ?? (ofNetworks.length > 0 ? ofNetworks : settings.securityGroups));
  const made = placed.map(({ network, ip, subnet }) => {
    const resource = new sdk.NetworkInterface(
      placed.length === 1 ? name : dashed(name, network),
      { subnetId: subnet.id, privateIps: [ip], securityGroups, sourceDestCheck: properties.source_dest_check ?? true, description: dashed(vmName, network), tags },
      // AWS would give a live VM a further address behind its agent's back.
      pulumi.mergeOptions(opts, { replaceOnChanges: ["privateIps"] }),
    );
    return { network, ip, subnet, resource };
  });
  return made.sort((a, b) => Number(b.ip === vm.ip) - Number(a.ip === vm.ip));
}

/** Several interfaces are told apart by their MACs; AWS's DHCP gives every interface the address it was made with. */
function agentNetworks(vm: VmArgs, interfaces: readonly MadeInterface[]): pulumi.Input<Record<string, object>> {
  const plain = Object.entries(vm.networks).map(([network, told]) => [network, { ...told, use_dhcp: true }] as const);
  if (interfaces.length === 1) return Object.fromEntries(plain);
  const macs = pulumi.all(Object.fromEntries(interfaces.map(({ network, resource }) => [network, resource.macAddress])));
  return macs.apply((mac) => Object.fromEntries(plain.map(([network, told]) => [network, { ...told, mac: mac[network]! }])));
}

function bounded(userData: string, whose: string): string {
  const bytes = Buffer.byteLength(userData);
  if (bytes <= LONGEST_USER_DATA) return userData;
  throw new IaasError("iaas.settings-size", `The agent settings of the ${whose} are ${bytes} bytes, and EC2 takes ${LONGEST_USER_DATA}`, { method: "create_vm", hint: "shorten its 'env': authorized keys and certificates above all" });
}
