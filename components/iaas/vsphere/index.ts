import * as pulumi from "@pulumi/pulumi";
import type { Iaas, IaasAdapter, OpenArgs, VmGroup } from "../port.ts";
import { versionsIn } from "../stemcell-versions.ts";
import { declareBalancer, ownBalancer } from "./balancer.ts";
import { VsphereProvider } from "./bindings/resources.ts";
import { Disks } from "./disk.ts";
import { DrsGroup } from "./groups.ts";
import { Inventory } from "./inventory.ts";
import { declareJumpbox } from "./jumpbox.ts";
import { Macs } from "./mac.ts";
import { declareFolders, Metadata, Network, portGroupsOf } from "./network.ts";
import type { VsphereIaasArgs } from "./options.ts";
import { Places } from "./places.ts";
import type { Shared } from "./shared.ts";
import { Stemcells } from "./stemcell.ts";
import { declareVm } from "./vm.ts";

export type { LibraryStemcell, OvfStemcell, TemplateStemcell, VsphereIaasArgs, VsphereStemcell } from "./options.ts";
export { VsphereProvider, type ConnectionArgs as VsphereConnectionArgs } from "./bindings/resources.ts";

/**
 * vSphere: VMs are clones of a stemcell's template in the clusters of their AZs, persistent disks files that they attach, DRS keeps the VMs
 * of a group apart. Networks are there already; deployments bring their own balancers. Takes no package: its bindings are here, and the engine needs the plugin
 * `vsphere` only.
 *
 * @throws IaasError when opened: `iaas.network`, `iaas.cloud-property`, `iaas.stemcell`
 * @example
 * new Environment("cf", {
 *   iaas: vsphereIaas({ stemcells: { "ubuntu-noble/1.484": { template: "stemcells/noble-1.484" } }, datastore: "vsan" }),
 *   cloudConfig: { file: "cloud-config.yml" },
 * });
 */
export function vsphereIaas(args: VsphereIaasArgs): IaasAdapter {
  return { name: "vsphere", open: (name, open, opts) => openEnvironment(args, name, open, opts) };
}

function openEnvironment(args: VsphereIaasArgs, name: string, open: OpenArgs, parentOpts: pulumi.CustomResourceOptions): Iaas {
  const provider = args.provider ?? (args.connection === undefined ? undefined : new VsphereProvider(name, args.connection, { parent: parentOpts.parent }));
  const inCloud = (given: pulumi.CustomResourceOptions) => (provider === undefined ? given : { ...given, provider });
  const network = new Network(`${name}-network`, { parent: parentOpts.parent });
  const shared: Shared = { name, args, open, provider, opts: inCloud({ parent: network }) };
  const inventory = new Inventory(shared);
  const places = new Places(shared, inventory);
  const [first = ""] = places.datacenters();
  const folders = declareFolders(shared, inventory, places.datacenters());
  const stemcells = new Stemcells(shared, inventory);
  const disks = new Disks(shared, places);
  const parts = { inventory, places, folders, portGroups: portGroupsOf(open), metadata: new Metadata(shared), macs: new Macs(), stemcells, disks };
  const groups = new WeakMap<VmGroup, DrsGroup>();
  return {
    name: "vsphere",
    network,
    stemcellVersions: (os) => versionsIn(args.stemcells, os),
    stemcell: (wanted) => stemcells.get(wanted, first),
    vmGroup(groupName, _group, groupOpts) {
      const drs = new DrsGroup(shared, groupName, inCloud(groupOpts));
      const vmGroup: VmGroup = { complete: () => drs.complete() };
      groups.set(vmGroup, drs);
      return vmGroup;
    },
    createVm(vmName, vm, vmOpts) {
      const made = declareVm(shared, vmName, vm, parts, vmOpts);
      groups.get(vm.vmGroup)?.add({ place: made.place, id: made.cid });
      return made;
    },
    createJumpbox: (jumpboxName, jumpbox, jumpboxOpts) => declareJumpbox(shared, jumpboxName, jumpbox, parts, jumpboxOpts),
    createDisk: (diskName, disk, diskOpts) => disks.declare(diskName, disk, inCloud(diskOpts)),
    ownBalancer: (wanted) => ownBalancer(args, wanted),
    createLoadBalancer: (_name, balancer) => declareBalancer(balancer, network),
    compilation: () => args.compilation && { environment: args.compilation.localEnvironment },
  };
}
