import { localIaasOf } from "../../provider/local-environments.ts";
import type { DiskInfo, LocalIaas } from "../../provider/local/index.ts";
import { localEnvironmentOf } from "../environment/local-traces.ts";
import type { Stray } from "../../provider/seen.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance, StackExport } from "../environment/state.ts";
import { lookAtClouds } from "./clouds.ts";

const VM = "repave:index:LocalVm";
const DISK = "repave:index:LocalDisk";

/** What the IaaS has of an environment, and what of it the state knows. */
export interface IaasView {
  vms: KnownVm[];
  disks: KnownDisk[];
  /** What else clouds have under the environment's name, that no state knows. */
  strays: readonly Stray[];
  /** Whether the VMs of clouds are all here. */
  wholeClouds: boolean;
  /** Why a cloud could not be asked: of what it has, nothing is known then. */
  mute: readonly string[];
}

/** `owned`: the state has it, and not only to be removed. */
export interface KnownVm {
  cid: string;
  /** What it is called, or made for. */
  name: string;
  az: string;
  ip: string;
  state: string;
  createdAt: string;
  owned: boolean;
  /** Compiles packages: it belongs to a running command. */
  compiles: boolean;
  /** Undefined where the IaaS does not say. */
  residentBytes?: number;
  /** Its IaaS keeps other environments too, which may be called the same. */
  shared: boolean;
  remove(): Promise<void>;
}

/** `owned`: the state has it, and not only to be removed. */
export interface KnownDisk extends DiskInfo {
  owned: boolean;
  /** Absent for a cloud's volume. */
  local?: LocalIaas;
  remove(): Promise<void>;
}

export async function lookAtIaas(session: Session, stack: StackExport): Promise<IaasView> {
  const [local, clouds] = await Promise.all([lookAtLocal(session, stack), lookAtClouds(session, stack)]);
  return {
    vms: [...local.vms, ...clouds.vms.map((vm) => ({ ...vm, compiles: false, shared: true }))],
    disks: [...local.disks, ...clouds.disks],
    strays: clouds.strays,
    wholeClouds: clouds.whole,
    mute: clouds.mute,
  };
}

/** The local environments alone, which nobody else has. */
export async function lookAtLocal(session: Session, stack: StackExport): Promise<Pick<IaasView, "vms" | "disks">> {
  const resources = stack.deployment.resources ?? [];
  const idsOf = (type: string) => new Set(resources.filter((r) => r.type === type && r["delete"] !== true).map((r) => r.id));
  const [vmIds, diskIds] = [idsOf(VM), idsOf(DISK)];
  const named = resources.filter((r) => r.type.startsWith("repave:index:Local")).map((r) => r.inputs?.["environment"] as unknown);
  const environments = new Set([localEnvironmentOf(session), ...named.filter((name) => typeof name === "string")]);
  const view: Pick<IaasView, "vms" | "disks"> = { vms: [], disks: [] };
  for (const environment of environments) {
    const local = localIaasOf(session.home, environment);
    for (const { slot: name, labels, ...vm } of await local.listVms()) view.vms.push({ ...vm, name, owned: vmIds.has(vm.cid), compiles: labels["kind"] === "compilation", shared: false, remove: () => local.deleteVm(vm.cid) });
    for (const disk of await local.listDisks()) view.disks.push({ ...disk, local, owned: diskIds.has(disk.cid), remove: () => local.deleteDisk(disk.cid) });
  }
  return view;
}

/** Whether what the view has not of an instance is gone, rather than unseen. */
export function wouldSee({ wholeClouds }: IaasView, { access }: Pick<KnownInstance, "access">): boolean {
  return access.via.kind === "local" || wholeClouds;
}

/**
 * A cloud that has none of the VMs whose agents answer was asked in the wrong place: nothing of what it says is about this environment.
 *
 * @param answering CIDs of a cloud's VMs whose agents answer
 */
export function believable(iaas: IaasView, answering: readonly string[]): IaasView {
  const seen = new Set(iaas.vms.map(({ cid }) => cid));
  if (!iaas.wholeClouds || answering.length === 0 || answering.some((cid) => seen.has(cid))) return iaas;
  const why = "the cloud that was asked has none of the VMs whose agents answer; are these the credentials, the region and the project of this environment?";
  return { vms: iaas.vms.filter((vm) => !vm.shared), disks: iaas.disks.filter((disk) => disk.local), strays: [], wholeClouds: false, mute: [why] };
}
