import { RepaveError } from "../../director/core/errors.ts";
import { keepMs } from "../../director/repair/orphans.ts";
import { ask } from "../environment/ask.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import { engineCommand, exportStack, instancesOf, type KnownInstance, stackExists, type StackExport } from "../environment/state.ts";
import { type KnownDisk, lookAtIaas, lookAtLocal } from "./iaas.ts";

/** How long orphaned disks of an environment are kept: its setting, or BOSH's five days. */
export async function keepOfOrphans(session: Session): Promise<number> {
  if (!(await stackExists(session))) return keepMs(undefined);
  const all = JSON.parse(await engineCommand(session, ["config", "--json"])) as Record<string, { value?: string }>;
  return keepMs(all["repave:keepOrphanedDisks"]?.value);
}

export interface DiskView {
  disks: readonly KnownDisk[];
  /** Why a cloud could not be asked. */
  mute: readonly string[];
  known: KnownInstance[];
  stack: StackExport;
}

/** The disks of an environment, of one that was removed too: its disks may have been kept. */
export async function lookAtDisks(session: Session): Promise<DiskView> {
  const stack = await stackOf(session);
  const { disks, mute } = await lookAtIaas(session, stack);
  return { disks, mute, known: instancesOf(stack), stack };
}

/** Those of local environments alone: of a cloud's, the adapter decides what becomes of them. */
export async function lookAtLocalDisks(session: Session): Promise<DiskView> {
  const stack = await stackOf(session);
  return { disks: (await lookAtLocal(session, stack)).disks, mute: [], known: instancesOf(stack), stack };
}

async function stackOf(session: Session): Promise<StackExport> {
  return (await stackExists(session)) ? exportStack(session, { secrets: true }) : { version: 3, deployment: {} };
}

/** `database/0` where the instance is still there, `database/ID` where it is not. */
export function ownerLabel(disk: KnownDisk, known: readonly KnownInstance[]): string {
  const owner = disk.owner?.instance;
  const instance = known.find((i) => `${i.group}/${i.instanceId}` === owner);
  return instance ? `${instance.group}/${instance.index}` : (owner ?? "-");
}

/** The disk that a CID names. @throws RepaveError `cli.unknown-disk` */
export function diskNamed({ disks }: DiskView, cid: string, session: Session): KnownDisk {
  const found = disks.find((disk) => disk.cid === cid);
  if (found) return found;
  throw new RepaveError("cli.unknown-disk", `Environment '${session.environment}' has no disk '${cid}'`, { hint: `repave disks ${session.environment}` });
}

/** Says what is on disks that are to go, and asks. @throws RepaveError `cli.refused` */
export async function confirmDeletion(context: CommandContext, disks: readonly KnownDisk[], known: readonly KnownInstance[], yes: boolean): Promise<void> {
  for (const disk of disks) context.ui.info(`${disk.cid}: of ${ownerLabel(disk, known)}, ${await usage(disk)}`);
  const question = `Delete ${disks.length === 1 ? "this disk" : `these ${disks.length} disks`} with all data?`;
  if (!yes && !(await ask(context, question))) throw new RepaveError("cli.refused", "Nothing was deleted", { hint: "answer y, or give --yes" });
}

async function usage({ local, cid, sizeMiB }: KnownDisk): Promise<string> {
  return local === undefined ? `${sizeMiB} MiB` : `${await local.usedMiB(cid)} of ${sizeMiB} MiB used`;
}

/** The local IaaS that has a disk. @throws RepaveError `cli.cloud-disk` where a cloud has it: what it is to do there needs the cloud's own means */
export function localOf({ local, cid }: KnownDisk, hint: string): NonNullable<KnownDisk["local"]> {
  if (local !== undefined) return local;
  throw new RepaveError("cli.cloud-disk", `Disk '${cid}' is a volume of a cloud, and only disks of the local IaaS change places by this command`, { hint });
}

export async function deleteDisks(session: Session, context: CommandContext, disks: readonly KnownDisk[]): Promise<void> {
  for (const disk of disks) {
    context.task?.begin(session);
    await disk.remove();
    context.task?.did({ object: disk.cid, type: disk.local ? "LocalDisk" : "disk", action: "delete", state: "done", text: `deleted disk ${disk.cid}` });
    context.ui.info(`deleted disk ${disk.cid}`);
  }
}
