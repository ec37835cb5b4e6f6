import type { Run } from "./run.ts";

/** What the steps need of the IaaS for the disks of one instance, on the VM it lives on. */
export interface DiskIaas {
  /** The disk whose contents are still to be copied to this one. */
  sourceOf(disk: string): Promise<string | undefined>;
  /** Answers where the agent finds it. */
  attach(disk: string): Promise<string>;
  /** The disks attached to the VM, mounted or not. */
  attached(): Promise<string[]>;
  detach(disk: string): Promise<void>;
  /** From here on the disk is the instance's, with all its contents, whatever becomes of the one before. */
  switchTo(disk: string): Promise<void>;
}

export function diskIaas({ instance, operation }: Run): DiskIaas {
  const { via } = instance.access;
  if (via.kind !== "local") return declared(instance);
  const iaas = operation.services.local(via.environment);
  return {
    sourceOf: async (disk) => (await iaas.findDisk(disk))?.copyFrom,
    attach: (disk) => iaas.attachDisk(instance.vmCid, disk),
    attached: async () => (await iaas.listDisks()).filter((disk) => disk.attachedTo === instance.vmCid).map((disk) => disk.cid),
    detach: (disk) => iaas.detachDisk(instance.vmCid, disk),
    switchTo: (disk) => iaas.switchToDisk(disk),
  };
}

/** Where attachments are resources of the program: the engine makes and removes them around the instance. */
const declared = ({ diskHint }: Run["instance"]): DiskIaas => ({
  sourceOf: async () => undefined,
  attach: async (disk) => diskHint ?? `/var/vcap/devices/${disk}`,
  attached: async () => [],
  detach: async () => undefined,
  switchTo: async () => undefined,
});
