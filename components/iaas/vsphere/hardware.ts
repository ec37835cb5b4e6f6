import type * as pulumi from "@pulumi/pulumi";
import type { DiskEntry } from "./bindings/resources.ts";

/** Unit of the first persistent disk: after the root and the ephemeral disk, all on one SCSI controller. */
export const FIRST_PERSISTENT_UNIT = 2;

interface Wanted {
  rootGiB: number;
  ephemeralGiB: number;
  storagePolicyId: pulumi.Input<string> | undefined;
  persistent: readonly { path: pulumi.Input<string>; datastoreId: pulumi.Input<string> }[];
}

/** A VM's disks. Labels are what the provider knows them by, and stay with what a disk is for. */
export function vmDisks({ rootGiB, ephemeralGiB, storagePolicyId, persistent }: Wanted): DiskEntry[] {
  return [
    { label: "root", unitNumber: 0, size: rootGiB, storagePolicyId },
    { label: "ephemeral", unitNumber: 1, size: ephemeralGiB, storagePolicyId },
    // Independent of snapshots, as the CPI has it; left behind when the VM goes.
    ...persistent.map(({ path, datastoreId }, i) => ({ label: i === 0 ? "persistent" : `persistent-${i}`, unitNumber: FIRST_PERSISTENT_UNIT + i, attach: true, path, datastoreId, diskMode: "independent_persistent" })),
  ];
}
