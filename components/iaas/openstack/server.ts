import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import { AgentSettings, heldSettings } from "../../../provider/resources/agent-settings.ts";
import type { AccessPath, Vm, VmArgs } from "../port.ts";
import { withoutProvider } from "../without-provider.ts";
import { descriptionOf } from "../tags.ts";
import { readVmProperties, type VmProperties } from "./cloud-properties.ts";
import { subnetFor, type Subnet } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { dashed, type Shared } from "./shared.ts";

export interface ServerParts {
  subnets: readonly Subnet[];
  security: SecurityGroups;
  /** Id of the server group; undefined where VMs are not kept apart. */
  serverGroup: pulumi.Output<string> | undefined;
}

/** Whatever of the next VM has changed, a held one keeps what it has. */
const heldServer = ["imageId", "flavorName", "availabilityZone", "userData", "blockDevices", "schedulerHints", "keyPair", "configDrive", "networks"];

/** Ports first, then settings with their MACs, the server, and its volumes. */
export function declareServer(shared: Shared, name: string, vm: VmArgs, parts: ServerParts, opts: pulumi.CustomResourceOptions): Vm {
  const { sdk, args } = shared;
  const whose = `VM of ${vm.group}/${vm.instanceId}`;
  const properties = readVmProperties(whose, vm.cloudProperties);
  const vmName = dashed(vm.deployment, vm.slot);
  const replaced = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const ports = declarePorts(shared, name, { vm, vmName, properties, parts }, replaced);
  const image = rootDisk(args.bootFromVolume, properties, vm, whose);
  const hints = [{ ...(parts.serverGroup === undefined ? {} : { group: parts.serverGroup }), additionalProperties: properties.scheduler_hints }];
  const keyPair = properties.key_name ?? args.keyPair;
  const via = pulumi.output<AccessPath>(vm.via ?? args.access ?? { kind: "direct" });
  const settings = new AgentSettings(
    name,
    {
      vmName,
      ip: vm.ip,
      via,
      networks: agentNetworks(vm, ports, args.useDhcp ?? true),
      // The flavor's ephemeral disk; without one the agent carves the root disk.
      disks: { system: "/dev/sda", ephemeral: null },
      env: vm.env,
      ntp: [...(args.ntp ?? [])],
      fingerprint: { image: vm.stemcell.image, flavor: properties.instance_type, availabilityZone: properties.availability_zone ?? "", rootDisk: properties.root_disk?.size ?? 0, keyPair: keyPair ?? "" },
      agentCa: vm.agentCa,
      agentEpoch: vm.agentEpoch,
      repaveBefore: vm.repaveBefore,
    },
    withoutProvider(vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: heldSettings }) : opts),
  );
  const server = new sdk.compute.Instance(
    name,
    {
      name: vmName,
      flavorName: properties.instance_type,
      ...image,
      availabilityZone: properties.availability_zone,
      keyPair,
      networks: ports.map(({ port }) => ({ port: port.id })),
      configDrive: args.configDrive ?? true,
      userData: pulumi.secret(settings.userData),
      schedulerHints: parts.serverGroup === undefined && properties.scheduler_hints === undefined ? undefined : hints,
      metadata: vm.tags,
    },
    // Nova would rebuild or resize in place; a VM of ours is never changed, only made anew.
    pulumi.mergeOptions(replaced, { replaceOnChanges: ["imageId", "flavorName", "flavorId", "blockDevices"], ...(vm.hold ? { ignoreChanges: heldServer } : {}) }),
  );
  for (const { id, port } of properties.loadbalancer_pools ?? []) {
    new sdk.loadbalancer.Member(dashed(name, id, String(port)), { poolId: id, name: vmName, address: vm.ip, protocolPort: port, subnetId: ports[0]!.subnet.subnetId }, replaced);
  }
  // Deleted before the server, while the VM still runs; who unmounts must depend on it.
  const attachments = vm.disks.map((disk, i) => new sdk.compute.VolumeAttach(vm.disks.length === 1 ? name : dashed(name, String(i)), { instanceId: server.id, volumeId: disk.cid }, replaced));
  const access = pulumi
    .all([via, settings.agentId, settings.mbusPassword, pulumi.output(vm.agentCa)])
    .apply(([via, agentId, password, ca]) => ({ via, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
  return { resource: server, cid: server.id, access: pulumi.secret(access), hints: attachments.map((attachment) => attachment.device) };
}

interface MadePort {
  network: string;
  subnet: Subnet;
  port: import("@pulumi/openstack").networking.Port;
}

function declarePorts(shared: Shared, name: string, { vm, vmName, properties, parts }: { vm: VmArgs; vmName: string; properties: VmProperties; parts: ServerParts }, opts: pulumi.CustomResourceOptions): MadePort[] {
  const { sdk, args } = shared;
  const placed = Object.entries(vm.networks).map(([network, settings]) => ({ network, settings, subnet: subnetFor(parts.subnets, network, settings.ip) }));
  const ofNetworks = [...new Set(placed.flatMap(({ subnet }) => subnet.securityGroups))];
  const groups = parts.security.of(properties.security_groups ?? (ofNetworks.length > 0 ? ofNetworks : (args.securityGroups ?? [])));
  const tags = Object.entries(vm.tags).map(([key, value]) => `${key}=${value}`);
  return placed.map(({ network, settings, subnet }) => {
    const pairs = properties.allowed_address_pairs !== undefined && settings.ip === vm.ip ? [{ ipAddress: properties.allowed_address_pairs }] : undefined;
    const port = new sdk.networking.Port(
      placed.length === 1 ? name : dashed(name, network),
      { name: dashed(vmName, network), description: descriptionOf(shared.open.environment), networkId: subnet.networkId, fixedIps: [{ subnetId: subnet.subnetId, ipAddress: settings.ip }], securityGroupIds: groups, allowedAddressPairs: pairs, adminStateUp: true, tags },
      // Neutron would give a live VM another address behind its agent's back.
      pulumi.mergeOptions(opts, { replaceOnChanges: ["fixedIps"] }),
    );
    return { network, subnet, port };
  });
}

/** Several interfaces are told apart by their MACs, and then DHCP would set as many default routes. */
function agentNetworks(vm: VmArgs, ports: readonly MadePort[], useDhcp: boolean): pulumi.Input<Record<string, object>> {
  const macs = pulumi.all(Object.fromEntries(ports.map(({ network, port }) => [network, port.macAddress])));
  return macs.apply((mac) => Object.fromEntries(Object.entries(vm.networks).map(([network, settings]) => [network, { ...settings, mac: mac[network]!, use_dhcp: useDhcp && ports.length === 1 }])));
}

export function rootDisk(byDefault: boolean | undefined, properties: VmProperties, { stemcell }: Pick<VmArgs, "stemcell">, whose: string): object {
  if (!(properties.boot_from_volume ?? byDefault ?? false)) return { imageId: stemcell.image };
  const volumeSize = properties.root_disk?.size;
  if (volumeSize === undefined) {
    throw new IaasError("iaas.cloud-property", `The ${whose} boots from a volume of no size`, { method: "create_vm", hint: "its VM type needs 'root_disk: { size: GiB }'" });
  }
  return { blockDevices: [{ uuid: stemcell.image, sourceType: "image", destinationType: "volume", volumeSize, bootIndex: 0, deleteOnTermination: true }] };
}
