import { IaasError } from "../../director/core/errors.ts";
import type { LocalIaas } from "../local/index.ts";
import type { Operation } from "../resource-kind.ts";
import type { InstanceInputs } from "../resources/instance.ts";
import type { Run } from "./run.ts";

/**
 * Has the instance's disk at its VM. Where an update was cut off in the middle of a swap, another VM of the instance may still have it:
 * that one is ended first, since its jobs may still write.
 */
export async function attachDisk({ instance, operation, label }: Run): Promise<void> {
  const iaas = iaasOf(instance, operation);
  if (!iaas || instance.disk === "") return;
  try {
    await iaas.attachDisk(instance.vmCid, instance.disk);
  } catch (error) {
    const other = error instanceof IaasError && error.code === "iaas.local-disk-attached" ? String(error.details["vm"]) : undefined;
    const holder = other === undefined ? undefined : await iaas.findVm(other);
    if (holder?.labels["instance"] !== instance.instanceId) throw error;
    operation.warn(`${label}: its disk is still at ${holder.cid}, where an update was cut off; that VM is ended`);
    await iaas.deleteVm(holder.cid);
    await iaas.attachDisk(instance.vmCid, instance.disk);
  }
}

/** Takes the disk from the instance's VM; the agent has unmounted it, or is gone. */
export async function detachDisk(instance: InstanceInputs, operation: Operation): Promise<void> {
  if (instance.disk !== "" && instance.vmCid !== "") await iaasOf(instance, operation)?.detachDisk(instance.vmCid, instance.disk);
}

/** Ends the VM before the engine does, which removes what has left the program only at the end. */
export async function endVm(instance: InstanceInputs, operation: Operation): Promise<void> {
  await iaasOf(instance, operation)?.deleteVm(instance.vmCid);
}

/** Only the local IaaS is asked by the provider; elsewhere attachments and VMs are resources of the program. */
function iaasOf({ access }: InstanceInputs, { services }: Operation): LocalIaas | undefined {
  return access.via.kind === "local" ? services.local(access.via.environment) : undefined;
}
