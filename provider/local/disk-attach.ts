import { checkCid, dataFolder, diskLock, findRecord, liveVm, readDisk, writeDisk } from "./disk-record.ts";
import { localError } from "./failure.ts";
import { findHolder, requireHolder, runInside } from "./holder.ts";
import { withLock } from "./lock.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { stateOf } from "./vm.ts";
import { readVm } from "./vm-record.ts";

/** Makes the disk appear in the running VM and gives its path there, which is the agent's disk hint. */
export function attachDisk(paths: EnvironmentPaths, vmCid: string, cid: string): Promise<string> {
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await readDisk(paths, cid, "attach_disk");
    const vm = await readVm(paths, vmCid);
    if (vm === undefined || stateOf(vm) !== "running") {
      throw localError("no-vm", "attach_disk", `VM '${vmCid}' does not run, so disk '${cid}' cannot be attached to it`, { details: { vm: vmCid, cid } });
    }
    const other = await liveVm(paths, record);
    if (other !== undefined && other !== vmCid) {
      throw localError("disk-attached", "attach_disk", `Disk '${cid}' is attached to VM '${other}' already`, { details: { cid, vm: other }, hint: "detach it there first" });
    }
    const holder = await requireHolder(paths, "attach_disk");
    await writeDisk(paths, { ...record, attachedTo: vmCid });
    await runInside(holder, "attach_disk", `Cannot attach disk '${cid}' to VM '${vmCid}'`, attachScript, [`${holder.hall}/devices/${vmCid}/${cid}`, dataFolder(paths, cid)]);
    return `/var/vcap/devices/${cid}`;
  });
}

/** Nothing happens when the disk is not attached to this VM. The agent must have unmounted it before. */
export function detachDisk(paths: EnvironmentPaths, vmCid: string, cid: string): Promise<void> {
  checkCid(cid, "detach_disk");
  return withLock(paths.root, diskLock(cid), async () => {
    const record = await findRecord(paths, cid);
    const holder = await findHolder(paths);
    if (holder !== undefined && (await readVm(paths, vmCid)) !== undefined) {
      await runInside(holder, "detach_disk", `Cannot detach disk '${cid}' from VM '${vmCid}'`, detachScript, [`${holder.hall}/devices/${vmCid}/${cid}`]);
    }
    if (record?.attachedTo === vmCid) await writeDisk(paths, { ...record, attachedTo: undefined });
  });
}

// the mount travels into the VM by itself: its devices folder receives what is mounted here
const attachScript = `
at=$1 data=$2
mkdir -p "$at"
mountpoint -q "$at" || mount --bind "$data" "$at"
`;
const detachScript = `
at=$1
if mountpoint -q "$at"; then umount "$at" 2>/dev/null || umount -l "$at"; fi
if [ -d "$at" ]; then rmdir "$at"; fi
`;
