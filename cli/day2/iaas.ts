import { localIaasOf } from "../../provider/local-environments.ts";
import type { DiskInfo, LocalIaas } from "../../provider/local/index.ts";
import { localEnvironmentOf } from "../environment/local-traces.ts";
import type { Session } from "../environment/session.ts";
import type { StackExport } from "../environment/state.ts";

const VM = "repave:index:LocalVm";
const DISK = "repave:index:LocalDisk";

/** What the IaaS has, and what of it the state knows. Only local environments can be asked so far. */
export interface IaasView {
  vms: { iaas: LocalIaas; owned: boolean; cid: string; slot: string; az: string; ip: string; state: string; createdAt: string; compiles: boolean; residentBytes: number }[];
  disks: KnownDisk[];
}

/** `owned`: the state has it, and not only to be removed. */
export type KnownDisk = DiskInfo & { iaas: LocalIaas; owned: boolean };

export async function lookAtIaas(session: Session, stack: StackExport): Promise<IaasView> {
  const resources = stack.deployment.resources ?? [];
  const idsOf = (type: string) => new Set(resources.filter((r) => r.type === type && r["delete"] !== true).map((r) => r.id));
  const [vmIds, diskIds] = [idsOf(VM), idsOf(DISK)];
  const named = resources.filter((r) => r.type.startsWith("repave:index:Local")).map((r) => r.inputs?.["environment"] as unknown);
  const environments = new Set([localEnvironmentOf(session), ...named.filter((name) => typeof name === "string")]);
  const view: IaasView = { vms: [], disks: [] };
  for (const environment of environments) {
    const iaas = localIaasOf(session.home, environment);
    for (const vm of await iaas.listVms()) view.vms.push({ ...vm, iaas, owned: vmIds.has(vm.cid), compiles: vm.labels["kind"] === "compilation" });
    for (const disk of await iaas.listDisks()) view.disks.push({ ...disk, iaas, owned: diskIds.has(disk.cid) });
  }
  return view;
}
