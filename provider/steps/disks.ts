import { diskIaas, type DiskIaas } from "./disk-iaas.ts";
import type { Run, Step } from "./run.ts";

const MANAGED = "/var/vcap/bosh/managed_disk_settings.json";

/**
 * Brings the instance's disk to its jobs, whose processes must be stopped: contents still on another disk are copied over first, disks
 * that are not its own any more are let go. Goes by what the agent has mounted, so it may be cut off anywhere and begun again.
 */
export const mountDisk: Step = async (run) => {
  const { agent, instance: { disk }, operation, label } = run;
  const iaas = diskIaas(run);
  const source = disk === "" ? undefined : await iaas.sourceOf(disk);
  const mounted = await agent.listDisks();
  const strangers = [...new Set([...mounted, ...(await iaas.attached())])].filter((cid) => cid !== disk && cid !== source);
  // While contents are to be copied, where each disk is mounted decides which way: from the first to the second.
  const anew = source !== undefined || strangers.length > 0;
  for (const cid of mounted) if (anew) await unmount(run, cid);
  for (const cid of strangers) await letGo(run, iaas, cid);
  if (strangers.length > 0) await forgetMounted(run);
  if (disk === "") return;
  if (source !== undefined) await mount(run, iaas, source);
  await mount(run, iaas, disk);
  if (source !== undefined) {
    operation.status(`${label} copying the disk's contents`);
    await agent.migrateDisk();
  }
  await iaas.switchTo(disk);
  if (source === undefined) return;
  await unmount(run, source);
  await letGo(run, iaas, source);
};

/** Unmounts and detaches whatever disk is there, so that it can go to the next VM. */
export async function unmountDisks(run: Run): Promise<void> {
  const iaas = diskIaas(run);
  for (const cid of await run.agent.listDisks()) {
    await unmount(run, cid);
    await letGo(run, iaas, cid);
  }
  await forgetMounted(run);
}

async function mount({ agent, operation, label }: Run, iaas: DiskIaas, cid: string): Promise<void> {
  operation.status(`${label} mounting the disk`);
  await agent.addPersistentDisk(cid, await iaas.attach(cid));
  await agent.mountDisk(cid);
}

async function unmount({ agent, operation, label }: Run, cid: string): Promise<void> {
  operation.status(`${label} unmounting the disk`);
  await agent.unmountDisk(cid);
}

async function letGo({ agent }: Run, iaas: DiskIaas, cid: string): Promise<void> {
  await agent.removePersistentDisk(cid);
  await iaas.detach(cid);
}

/** An agent that is started again would look for the disk it mounted last, and give up. */
async function forgetMounted({ agent }: Run): Promise<void> {
  await agent.removeFile(MANAGED);
}
