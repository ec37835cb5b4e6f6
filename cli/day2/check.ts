import { type DiskView, type EnvironmentView, findProblems, type InstanceView, type Problem } from "../../director/repair/problems.ts";
import { sweepable } from "../../director/repair/orphans.ts";
import type { CommandContext } from "../command.ts";
import { duration } from "../environment/instance-table.ts";
import { chooseKnown } from "../environment/select.ts";
import type { Session } from "../environment/session.ts";
import { exportStack, instancesOf, type KnownInstance, type StackExport } from "../environment/state.ts";
import { believable, type IaasView, type KnownVm, lookAtIaas, wouldSee } from "./iaas.ts";
import { ignoredOf } from "./ignored.ts";
import { observe, type Observed } from "./observe.ts";
import { keepOfOrphans, ownerLabel } from "./orphans.ts";

/** BOSH's time for an agent to answer a cloud check. */
const PATIENCE_MS = 10_000;

export interface Checked {
  problems: Problem[];
  known: KnownInstance[];
  /** Of these the ones that are left alone. */
  ignored: KnownInstance[];
  iaas: IaasView;
}

/** Looks at every instance, its agent and the IaaS, and changes nothing. */
export async function checkEnvironment(session: Session): Promise<Checked> {
  const stack = await exportStack(session, { secrets: true });
  const known = instancesOf(stack);
  const [looked, observed, ignored] = await Promise.all([lookAtIaas(session, stack), observe(session, known, { patienceMs: PATIENCE_MS }), ignoredOf(session, known)]);
  const iaas = believable(looked, observed.filter(({ instance, state }) => state !== undefined && instance.access.via.kind !== "local").map(({ instance }) => instance.vmCid));
  const guarded = guardedGroups(stack);
  const view: EnvironmentView = {
    instances: observed.map((o) => ({ ...viewOf(o, iaas), ignored: ignored.includes(o.instance), mayReplace: !guarded.has(`${o.instance.deployment}/${o.instance.group}`) })),
    // Compilation VMs belong to a running command, or the next one removes them.
    vms: iaas.vms.filter((vm) => !vm.compiles).map((vm) => ({ ...vm, about: aboutVm(vm) })),
    disks: await disksOf(session, iaas, known),
    strays: iaas.strays,
  };
  return { problems: findProblems(view), known, ignored, iaas };
}

function aboutVm({ name, az, createdAt }: KnownVm): string {
  const age = createdAt === "" ? "" : `, ${duration((Date.now() - Date.parse(createdAt)) / 1000)} ago`;
  return `made for ${name}${az === "" ? "" : ` in ${az}`}${age}`;
}

/** `DEPLOYMENT/GROUP` of every group that forbids to replace its VMs. */
function guardedGroups(stack: StackExport): Set<string> {
  const groups = (stack.deployment.resources ?? []).filter((r) => r.type === "repave:index:InstanceGroup");
  return new Set(groups.map((r) => r.inputs ?? {}).filter((facts) => (facts["update"] as { allowReplace?: unknown } | undefined)?.allowReplace === false).map((facts) => `${String(facts["deployment"])}/${String(facts["group"])}`));
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
    vm: !wouldSee(iaas, instance) ? "unknown" : vm === undefined ? "missing" : vm.state === "running" ? "running" : "dead",
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

/** Says which clouds could not be asked: problems of their VMs and disks are not known then. */
export function warnOfMute(context: CommandContext, { mute }: IaasView): void {
  for (const why of mute) context.ui.warn(`${why}: only agents are asked`);
}

/** Prints problems with what can be done about each, the suggestion first; then who is ignored. */
export function showProblems(context: CommandContext, problems: readonly Problem[], ignored: readonly KnownInstance[]): void {
  const left = ignored.map((i) => ["ignored", `${i.group}/${i.index}`, "left alone, whatever is wrong with it", `repave unignore ${i.group}/${i.index}`]);
  context.ui.table(["problem", "subject", "detail", "resolutions"], [...problems.map((p) => [p.kind, p.subject, p.detail, p.resolutions.join(", ")]), ...left]);
}

/** `no problems with 5 instances, 1 more is ignored`. */
export function healthText(known: readonly KnownInstance[], ignored: readonly KnownInstance[]): string {
  const seen = known.length - ignored.length;
  return `no problems with ${seen} instance${seen === 1 ? "" : "s"}${ignored.length === 0 ? "" : `, ${ignored.length} more ${ignored.length === 1 ? "is" : "are"} ignored`}`;
}

/** Of what was found only what is about the instances that selectors mean; none means all, orphans too. */
export function onlyAbout(checked: Checked, selectors: readonly string[]): Checked {
  if (selectors.length === 0) return checked;
  const known = chooseKnown(checked.known, selectors);
  const meant = new Set(known.map((i) => `${i.group}/${i.instanceId}`));
  return { ...checked, known, problems: checked.problems.filter((problem) => problem.selector !== undefined && meant.has(problem.selector)), ignored: checked.ignored.filter((i) => known.includes(i)) };
}
