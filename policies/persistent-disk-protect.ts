import { defineRule } from "./rule.ts";
import { names } from "./settings.ts";

const DISKS = [
  "aws:ebs/volume:Volume",
  "openstack:blockstorage/volume:Volume",
  "openstack:blockstorage/volumeV3:VolumeV3",
  "vsphere:index/virtualDisk:VirtualDisk",
  "kubernetes:core/v1:PersistentVolumeClaim",
];

/** A protected disk outlives a mistaken change of the program. */
export const persistentDiskProtect = defineRule({
  name: "persistent-disk-protect",
  description: "Persistent disks are protected from deletion.",
  config: {
    types: names("Type tokens of persistent disks.", DISKS),
    allow: names("Resource names to let pass."),
  },
  checkResource({ type, name, opts }, { types, allow }) {
    if (type === "repave:index:LocalDisk") return { notApplicable: "'repave down' must be able to remove a local environment with its disks" };
    if (!types.includes(type) || opts.protect || allow.includes(name)) return [];
    return [{ message: `The persistent disk '${name}' is not protected: an update that no longer names it deletes it with all data. Set 'protect'.` }];
  },
});
