import { type DiskView, type EnvironmentView, findProblems, type InstanceView, type Problem } from "../../director/repair/problems.ts";
import { sweepable } from "../../director/repair/orphans.ts";
import type { Stray } from "../../provider/strays.ts";
import type { CommandContext } from "../command.ts";
import { duration } from "../environment/instance-table.ts";
import type { Session } from "../environment/session.ts";
import { exportStack, instancesOf, type KnownInstance } from "../environment/state.ts";
import { type IaasView, lookAtIaas } from "./iaas.ts";
import { observe, type Observed } from "./observe.ts";
import { keepOfOrphans, ownerLabel } from "./orphans.ts";
import { lookForStrays } from "./strays.ts";

/** BOSH's time for an agent to answer a cloud check. */
const PATIENCE_MS = 10_000;

export interface Checked {
  problems: Problem[];
  known: KnownInstance[];
  iaas: IaasView;
  strays: readonly Stray[];
}

/** Looks at every instance, its agent and the IaaS, and changes nothing. */
export async function checkEnvironment(session: Session): Promise<Checked> {
  const stack = await exportStack(session, { secrets: true });
  const known = instancesOf(stack);
  const [iaas, observed, strays] = await Promise.all([lookAtIaas(session, stack), observe(session, known, { patienceMs: PATIENCE_MS }), lookForStrays(session, stack)]);
  const view: EnvironmentView = {
    instances: observed.map((o) => viewOf(o, iaas)),
    // Compilation VMs belong to a running command, or the next one removes them.
    vms: iaas.vms.filter((vm) => !vm.compiles).map((vm) => ({ ...vm, about: `made for ${vm.slot} in ${vm.az}, ${duration((Date.now() - Date.parse(vm.createdAt)) / 1000)} ago` })),
    disks: await disksOf(session, iaas, known),
    strays,
  };
  return { problems: findProblems(view), known, iaas, strays };
}

async function disksOf(session: Session, { disks }: IaasView, known: readonly KnownInstance[]): Promise<DiskView[]> {
  // The engine takes a second to tell the time they are kept: it is asked only where there is one.
  const orphans = disks.some((disk) => !disk.owned && disk.orphanedAt !== undefined);
  const over = new Set(orphans ? sweepable(disks, { keep: await keepOfOrphans(session), now: new Date() }).map((disk) => disk.cid) : []);
  return disks.map((disk) => ({
    ...{ cid: disk.cid, owned: disk.owned, attachedTo: disk.attachedTo },
    about: `disk of ${disk.owner ? ownerLabel(disk, known) : disk.name}, ${disk.sizeMiB} MiB`,
    ...(disk.orphanedAt !== undefined && { orphan: { over: over.has(disk.cid) } }),
  }));
}

function viewOf({ instance, state }: Observed, iaas: IaasView): InstanceView {
  const vm = iaas.vms.find((v) => v.cid === instance.vmCid);
  return {
    label: `${instance.group}/${instance.index}`,
    selector: `${instance.group}/${instance.instanceId}`,
    desired: instance.state ?? "started",
    unfinished: instance.failed,
    vm: instance.access.via.kind !== "local" ? "unknown" : vm === undefined ? "missing" : vm.state === "running" ? "running" : "dead",
    vmCid: instance.vmCid,
    configurationHash: instance.configurationHash,
    packages: instance.packages,
    disk: instance.disk,
    ...(state && {
      agent: {
        jobState: state.job_state,
        processes: state.processes ?? [],
        configurationHash: state.configuration_hash ?? "",
        packages: Object.fromEntries(Object.entries(state.packages).map(([name, p]) => [name, p.sha1])),
        diskMounted: state.vitals?.disk?.persistent !== undefined,
      },
    }),
  };
}

/** Prints problems with what can be done about each, the suggestion first. */
export function showProblems(context: CommandContext, problems: readonly Problem[]): void {
  context.ui.table(["problem", "subject", "detail", "resolutions"], problems.map((p) => [p.kind, p.subject, p.detail, p.resolutions.join(", ")]));
}
