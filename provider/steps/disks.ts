import type { Run } from "./run.ts";

/** Mounts the persistent disk, if the instance has one. The VM has it attached already. */
export async function mountDisk({ agent, instance, operation, label }: Run): Promise<void> {
  if (instance.disk === "") return;
  operation.status(`${label} mounting the disk`);
  await agent.addPersistentDisk(instance.disk, instance.diskHint ?? `/var/vcap/devices/${instance.disk}`);
  await agent.mountDisk(instance.disk);
}

/** Unmounts whatever disk is mounted, so that it can go to the next VM. */
export async function unmountDisks({ agent, operation, label }: Run): Promise<void> {
  for (const cid of await agent.listDisks()) {
    operation.status(`${label} unmounting the disk`);
    await agent.unmountDisk(cid);
    // Else the agent looks for it at its next boot, by when it may be another VM's.
    await agent.removePersistentDisk(cid);
  }
}
