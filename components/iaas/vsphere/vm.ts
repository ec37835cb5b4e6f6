import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import { AgentSettings, heldSettings } from "../../../provider/resources/agent-settings.ts";
import type { AccessPath, SubnetArgs, Vm, VmArgs } from "../port.ts";
import { DrsVmOverride, VirtualMachine } from "./bindings/resources.ts";
import { readVmProperties, type VmProperties } from "./cloud-properties.ts";
import type { Disks } from "./disk.ts";
import { FIRST_PERSISTENT_UNIT, vmDisks } from "./hardware.ts";
import type { Inventory } from "./inventory.ts";
import type { Macs } from "./mac.ts";
import { portGroupFor, type Metadata } from "./network.ts";
import type { Place, Places } from "./places.ts";
import { gib, vmNameOf, type Shared } from "./shared.ts";
import type { Stemcells } from "./stemcell.ts";

export interface VmParts {
  inventory: Inventory;
  places: Places;
  /** Path of the environment's folder in each datacenter. */
  folders: ReadonlyMap<string, pulumi.Output<string>>;
  portGroups: ReadonlyMap<SubnetArgs, string>;
  metadata: Metadata;
  macs: Macs;
  stemcells: Stemcells;
  disks: Disks;
}

export interface MadeVm extends Vm {
  place: Place;
  resource: VirtualMachine;
}

/** Whatever of the next VM has changed, a held one keeps what it has. */
const heldVm = ["name", "folder", "resourcePoolId", "datastoreId", "datastoreClusterId", "numCpus", "memory", "hardwareVersion", "clone", "disks", "networkInterfaces", "nestedHvEnabled", "cpuHotAddEnabled", "memoryHotAddEnabled", "memoryReservationLockedToMax", "storagePolicyId", "replaceTrigger"];

const NEWEST_HARDWARE = 17;
const MINUTES_TO_CLONE = 60;

/** Settings first, whose MACs are chosen here, then the VM with its disks: attaching is an input of it. */
export function declareVm(shared: Shared, name: string, vm: VmArgs, parts: VmParts, opts: pulumi.CustomResourceOptions): MadeVm {
  const { args, provider } = shared;
  const whose = `VM of ${vm.group}/${vm.instanceId}`;
  const properties = readVmProperties(whose, vm.cloudProperties);
  const place = parts.places.ofVm(whose, vm.az, properties);
  const store = parts.places.datastoreOfVm(whose, place, properties);
  const stemcell = parts.stemcells.source(vm.stemcell, place.datacenter);
  const vmName = vmNameOf(vm.deployment, vm.slot);
  const via = pulumi.output<AccessPath>(vm.via ?? args.access ?? { kind: "direct" });
  const ours = vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: heldSettings }) : opts;
  const interfaces = Object.entries(vm.networks).map(([network, { ip }]) => {
    const portGroup = portGroupFor(parts.portGroups, network, ip);
    return { network, portGroup, mac: parts.macs.of(portGroup, ip) };
  });
  const { disks, sizes } = parts.disks.ofVm(name, vm.disks, vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: ["sizesGiB"] }) : opts);
  const rootGiB = properties.root_disk_size_gb ?? stemcell.diskGiB;
  const hardwareVersion = properties.upgrade_hw_version ? (args.hardwareVersion ?? NEWEST_HARDWARE) : args.hardwareVersion;
  const settings = new AgentSettings(
    name,
    {
      vmName,
      ip: vm.ip,
      via,
      networks: Object.fromEntries(interfaces.map(({ network, mac }) => [network, { ...vm.networks[network], mac }])),
      // Unit numbers of the only SCSI controller.
      disks: { system: "0", ephemeral: "1" },
      env: vm.env,
      ntp: [...(args.ntp ?? [])],
      fingerprint: {
        image: stemcell.templateUuid,
        cpu: properties.cpu,
        ram: properties.ram,
        rootDisk: rootGiB,
        ephemeralDisk: gib(properties.disk),
        datacenter: place.datacenter,
        cluster: place.cluster,
        resourcePool: place.resourcePool ?? "",
        datastore: store.name,
        storagePolicy: properties.storage_policy?.name ?? "",
        portGroups: Object.fromEntries(interfaces.map(({ network, portGroup }) => [network, portGroup])),
        hardwareVersion: hardwareVersion ?? 0,
        options: optionsOf(properties),
        ...(sizes === undefined ? {} : { persistentDisks: sizes.sizesGiB }),
      },
      agentCa: vm.agentCa,
      agentEpoch: vm.agentEpoch,
      repaveBefore: vm.repaveBefore,
    },
    ours,
  );
  const { vmx_options: vmx = {}, storage_policy: policy } = properties;
  const storagePolicyId = policy === undefined ? undefined : parts.inventory.policy(policy.name);
  const inCloud = pulumi.mergeOptions(opts, provider === undefined ? {} : { provider });
  const resource = new VirtualMachine(
    name,
    {
      name: vmName,
      folder: parts.folders.get(place.datacenter) ?? missingFolder(whose, place),
      resourcePoolId: place.poolId,
      datastoreId: store.datastoreId,
      datastoreClusterId: store.datastoreClusterId,
      numCpus: properties.cpu,
      memory: properties.ram,
      guestId: stemcell.guestId,
      // Stemcells boot by EFI only, and the provider's own default is BIOS.
      firmware: "efi",
      scsiType: "pvscsi",
      hardwareVersion,
      networkInterfaces: interfaces.map(({ portGroup, mac }) => ({ networkId: parts.inventory.portGroup(place.datacenter, portGroup), adapterType: "vmxnet3", useStaticMac: true, macAddress: mac })),
      disks: vmDisks({ rootGiB, ephemeralGiB: gib(properties.disk), storagePolicyId, persistent: disks.map(({ path, datacenter, datastore }) => ({ path, datastoreId: parts.inventory.datastore(datacenter, datastore) })) }),
      clone: { templateUuid: stemcell.templateUuid, linkedClone: stemcell.linkedClone, timeout: MINUTES_TO_CLONE },
      extraConfig: pulumi.secret(settings.userData.apply((text) => ({ ...texts(vmx), "guestinfo.userdata": Buffer.from(text).toString("base64"), "guestinfo.userdata.encoding": "base64" }))),
      enableDiskUuid: true,
      nestedHvEnabled: properties.nested_hardware_virtualization,
      cpuHotAddEnabled: properties.cpu_hot_add_enabled,
      memoryHotAddEnabled: properties.memory_hot_add_enabled,
      memoryReservationLockedToMax: properties.memory_reservation_locked_to_max,
      storagePolicyId,
      customAttributes: parts.metadata.of(vm.tags),
      tags: properties.tags?.map(({ category, tag }) => parts.inventory.tag(category, tag)),
      // Of the disks' sizes too: the VM must let go of a disk that is to grow.
      replaceTrigger: pulumi.unsecret(pulumi.all([settings.userData, sizes?.sizesGiB ?? []]).apply(([text, gibs]) => digestOf([text, ...gibs.map(String)]))),
      // Whether it is there is asked of the agent.
      waitForGuestNetTimeout: 0,
      waitForGuestIpTimeout: 0,
      // Its jobs are drained and stopped by then, and its disks unmounted.
      shutdownWaitTimeout: 1,
      forcePowerOff: true,
    },
    pulumi.mergeOptions(inCloud, {
      deleteBeforeReplace: true,
      additionalSecretOutputs: ["extraConfig"],
      // vSphere would power it off and change it; a VM of ours is only made anew.
      replaceOnChanges: ["clone", "numCpus", "memory", "networkInterfaces"],
      // The agent blanks its settings once it has read them; writing them back would show them to whoever is on the VM by then.
      ignoreChanges: ["extraConfig", ...(vm.hold ? heldVm : [])],
    }),
  );
  if (properties.disable_drs) new DrsVmOverride(name, { computeClusterId: place.clusterId, virtualMachineId: resource.id, drsEnabled: false }, pulumi.mergeOptions(inCloud, { deleteBeforeReplace: true }));
  const access = pulumi
    .all([via, settings.agentId, settings.mbusPassword, pulumi.output(vm.agentCa)])
    .apply(([via, agentId, password, ca]) => ({ via, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
  // An output of the VM: who takes it unmounts before the VM goes.
  const hints = disks.map((_, i) => resource.id.apply(() => String(FIRST_PERSISTENT_UNIT + i)));
  return { resource, place, cid: resource.id, access: pulumi.secret(access), hints };
}

function missingFolder(whose: string, { datacenter }: Place): never {
  throw new IaasError("iaas.cloud-property", `The ${whose} is in the datacenter '${datacenter}', where no AZ is`, { method: "create_vm", hint: "name each datacenter in an AZ of the cloud config" });
}

/** What of its type else makes another VM, where it says anything. */
function optionsOf({ vmx_options, nested_hardware_virtualization: nested, cpu_hot_add_enabled: cpuHotAdd, memory_hot_add_enabled: memoryHotAdd, memory_reservation_locked_to_max: reserved }: VmProperties): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ vmx: vmx_options, nested, cpuHotAdd, memoryHotAdd, reserved }).filter(([, value]) => value !== undefined));
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}
