import * as pulumi from "@pulumi/pulumi";
import type { DiskArgs, Iaas, IaasAdapter, OpenArgs, VmGroup } from "../port.ts";
import { versionsIn } from "../stemcell-versions.ts";
import { declareBalancer } from "./balancer.ts";
import { readProperties } from "./cloud-properties.ts";
import { declareJumpbox } from "./jumpbox.ts";
import { declareSubnets } from "./network.ts";
import type { OpenstackIaasArgs } from "./options.ts";
import { loadSdk } from "./sdk.ts";
import { SecurityGroups } from "./security.ts";
import { declareServer } from "./server.ts";
import { dashed, type Shared } from "./shared.ts";
import { Stemcells } from "./stemcell.ts";

export type { OpenstackIaasArgs, OpenstackStemcell, StemcellFile } from "./options.ts";

const MIB_IN_GIB = 1024;

/**
 * OpenStack: Nova servers on Neutron ports, Cinder volumes, Octavia in front. Needs the package `@pulumi/openstack`.
 *
 * @throws IaasError when opened: `iaas.network`, `iaas.cloud-property`, `iaas.stemcell`
 * @example
 * new Environment("cf", {
 *   iaas: openstackIaas({ externalNetworkId: "…", stemcells: { "ubuntu-noble/1.484": { imageId: "…" } } }),
 *   cloudConfig: { file: "cloud-config.yml" },
 * });
 */
export function openstackIaas(args: OpenstackIaasArgs): IaasAdapter {
  return { name: "openstack", open: (name, open, opts) => openEnvironment(args, name, open, opts) };
}

function openEnvironment(args: OpenstackIaasArgs, name: string, open: OpenArgs, parentOpts: pulumi.CustomResourceOptions): Iaas {
  const opts = args.provider === undefined ? parentOpts : { ...parentOpts, provider: args.provider };
  for (const az of open.azs) readProperties("azs", `AZ '${az.name}'`, az.cloudProperties);
  const network = new Network(`${name}-network`, { parent: parentOpts.parent });
  const shared: Shared = { sdk: loadSdk(), name, args, open, opts };
  const inNetwork: Shared = { ...shared, opts: pulumi.mergeOptions(opts, { parent: network }) };
  const { sdk } = shared;
  const { subnets, made } = declareSubnets(inNetwork);
  const security = new SecurityGroups(inNetwork, made);
  const stemcells = new Stemcells(shared);
  const groups = new WeakMap<VmGroup, pulumi.Output<string>>();
  const withProvider = (given: pulumi.CustomResourceOptions) => (args.provider === undefined ? given : { ...given, provider: args.provider });
  return {
    name: "openstack",
    network: security.ready,
    stemcellVersions: (os) => versionsIn(args.stemcells, os),
    stemcell: (wanted) => stemcells.get(wanted),
    vmGroup(groupName, _group, groupOpts) {
      const vmGroup: VmGroup = { complete() {} };
      const policy = args.antiAffinity ?? "soft-anti-affinity";
      // Made for a group of one too: a VM can't join a server group later.
      if (policy !== "none") groups.set(vmGroup, new sdk.compute.ServerGroup(groupName, { name: dashed(name, groupName), policies: [policy] }, withProvider(groupOpts)).id);
      return vmGroup;
    },
    createVm: (vmName, vm, vmOpts) => declareServer(shared, vmName, vm, { subnets, security, serverGroup: groups.get(vm.vmGroup) }, withProvider(vmOpts)),
    createJumpbox: (jumpboxName, jumpbox, jumpboxOpts) => declareJumpbox(shared, jumpboxName, jumpbox, { subnets, security }, withProvider(jumpboxOpts)),
    createDisk(diskName, disk, diskOpts) {
      const keep = args.persistentDisks ?? "protect";
      const volume = new sdk.blockstorage.Volume(diskName, volumeArgs(args, open, disk), pulumi.mergeOptions(withProvider(diskOpts), { protect: keep === "protect", retainOnDelete: keep === "retain" }));
      return { resource: volume, cid: volume.id };
    },
    createLoadBalancer: (balancerName, balancer, balancerOpts) => declareBalancer(shared, balancerName, balancer, { subnets, security }, withProvider(balancerOpts)),
    compilation: () => args.compilation && { environment: args.compilation.localEnvironment },
  };
}

function volumeArgs(args: OpenstackIaasArgs, open: OpenArgs, disk: DiskArgs) {
  const { type } = readProperties<{ type?: string }>("disk_types", `disk of ${disk.group}/${disk.instanceId}`, disk.cloudProperties);
  const az = open.azs.find((candidate) => candidate.name === disk.az);
  const zone = az === undefined ? undefined : readProperties<{ availability_zone?: string }>("azs", `AZ '${az.name}'`, az.cloudProperties).availability_zone;
  return {
    name: dashed(disk.deployment, disk.diskName),
    size: Math.max(1, Math.ceil(disk.sizeMiB / MIB_IN_GIB)),
    volumeType: type ?? args.volumeType,
    availabilityZone: (args.volumesInVmAz ?? true) ? zone : undefined,
    // Grown while it is attached; the agent grows the file system when it is mounted next.
    enableOnlineResize: true,
    metadata: disk.tags,
  };
}

/** Parent of all that VMs need. */
class Network extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("repave:index:Network", name, {}, opts);
    this.registerOutputs();
  }
}

