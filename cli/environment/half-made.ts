import { localIaasOf } from "../../provider/local-environments.ts";
import type { CommandContext } from "../command.ts";
import { localEnvironmentOf } from "./local-traces.ts";
import { startOf } from "./processes.ts";
import type { Session } from "./session.ts";
import type { StackExport } from "./state.ts";

/**
 * Deletes VMs and empty disks that a killed run made and could not write into the state, and compilation VMs of a provider that is gone.
 * The next run would make the first anew in the same place, but only if it still wants them.
 */
export async function removeHalfMade(session: Session, state: StackExport, context: Pick<CommandContext, "ui">): Promise<void> {
  const resources = state.deployment.resources ?? [];
  const known = new Set(resources.filter((r) => r.type === "repave:index:LocalVm").map((r) => r.id));
  const ownedDisks = new Set(resources.filter((r) => r.type === "repave:index:LocalDisk").map((r) => r.id));
  const cutOff = (state.deployment.pending_operations ?? []).filter((o) => o.type === "creating" && o.resource.type === "repave:index:LocalVm").map((o) => o.resource.inputs ?? {});
  const networks = resources.filter((r) => r.type === "repave:index:LocalNetwork").map((r) => r.inputs?.["environment"] as unknown);
  for (const environment of new Set([localEnvironmentOf(session), ...networks, ...cutOff.map((i) => i["environment"] as unknown)])) {
    if (typeof environment !== "string") continue;
    const iaas = localIaasOf(session.home, environment);
    const slots = new Set(cutOff.filter((i) => i["environment"] === environment).map((i) => i["slot"] as unknown));
    for (const { cid, slot, createdAt, labels } of await iaas.listVms()) {
      const compiles = labels["kind"] === "compilation" && !runs(Number(labels["owner"]), createdAt);
      if (!compiles && (known.has(cid) || !slots.has(slot))) continue;
      await iaas.deleteVm(cid);
      context.ui.info(`removed ${cid}, which a run that was cut off had made`);
    }
    // Nothing was ever on it: its contents are still where they are to be copied from.
    const disks = await iaas.listDisks();
    for (const { cid, copyFrom, attachedTo } of disks) {
      if (copyFrom === undefined || attachedTo !== undefined || ownedDisks.has(cid) || !disks.some((disk) => disk.cid === copyFrom)) continue;
      await iaas.deleteDisk(cid);
      context.ui.info(`removed ${cid}, an empty disk which a run that was cut off had made`);
    }
  }
}

/** Whether the process that made something is still there. */
function runs(pid: number, madeAt: string): boolean {
  const started = startOf(pid);
  return started !== undefined && started.getTime() <= Date.parse(madeAt) + 1000;
}
