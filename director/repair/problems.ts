import { z } from "zod";

export const problemKinds = ["missing_vm", "unresponsive_agent", "unfinished_update", "failing_job", "missing_disk", "inactive_disk", "drift", "orphan_vm", "orphan_disk", "orphan_object"] as const;
export type ProblemKind = (typeof problemKinds)[number];

export const resolutions = ["ignore", "recreate_vm", "restart_jobs", "update", "delete_vm", "delete_disk", "delete_object"] as const;
export type Resolution = (typeof resolutions)[number];
export const resolutionSchema = z.enum(resolutions);

/** Something that is not as the state says, and what can be done about it. */
export interface Problem {
  readonly kind: ProblemKind;
  /** `api/0` for an instance, the IaaS's id for an orphan. */
  readonly subject: string;
  /** `GROUP/ID`, for a problem of an instance. */
  readonly selector?: string;
  readonly detail: string;
  /** The first is suggested. */
  readonly resolutions: readonly [Resolution, ...Resolution[]];
}

export interface InstanceView {
  /** `api/0`. */
  label: string;
  /** `GROUP/ID`. */
  selector: string;
  desired: "started" | "stopped" | "detached";
  /** No update touches it: nothing of it is a problem. */
  ignored?: boolean;
  /** False where its group forbids to replace a VM that is still there. Default: true. */
  mayReplace?: boolean;
  /** Its last update failed. */
  unfinished: boolean;
  /** What the IaaS says of its VM. `unknown`: nobody could be asked. */
  vm: "running" | "dead" | "missing" | "unknown";
  vmCid: string;
  /** What was applied to it. */
  configurationHash: string;
  packages: readonly { name: string; digest: string }[];
  /** CID of its persistent disk; empty for none. */
  disk: string;
  /** What its agent says; absent when it does not answer. */
  agent?: {
    jobState: string;
    processes: readonly { name: string; state: string }[];
    configurationHash: string;
    packages: Readonly<Record<string, string>>;
    diskMounted: boolean;
  };
}

export interface DiskView {
  cid: string;
  /** The state has it. */
  owned: boolean;
  attachedTo: string | undefined;
  about: string;
  /** Kept for its contents after its instance or its place went. `over`: its time is over, and nothing needs it. */
  orphan?: { over: boolean };
}

/** What is there, as seen in one look. */
export interface EnvironmentView {
  instances: readonly InstanceView[];
  /** Objects of the IaaS. Absent where the IaaS cannot be asked. `shared`: it has other environments too. */
  vms?: readonly { cid: string; owned: boolean; about: string; shared?: boolean }[];
  disks?: readonly DiskView[];
  /** What else carries the environment's name on its IaaS, and no state knows. */
  strays?: readonly { id: string; about: string }[];
}

/**
 * Compares what is there with what the state says: the cloud check. A VM that is gone or dumb has that one problem;
 * nothing else can be told of it.
 */
export function findProblems(view: EnvironmentView): Problem[] {
  const disks = view.disks && new Map(view.disks.map((disk) => [disk.cid, disk]));
  return [
    ...view.instances.flatMap((instance) => (instance.desired === "detached" || instance.ignored ? [] : problemsOf(instance, disks))),
    ...(view.vms ?? []).filter((vm) => !vm.owned).map(orphanVm),
    ...(view.disks ?? []).filter((disk) => !disk.owned).flatMap(orphanProblem),
    // Its name alone does not say whose it is: an environment of another state may be called the same.
    ...(view.strays ?? []).map(({ id, about }): Problem => ({ kind: "orphan_object", subject: id, detail: `${about}; this state does not know it`, resolutions: ["ignore", "delete_object"] })),
  ];
}

/** Where an environment of another state may be called the same, nobody's VM goes unless somebody says so. */
function orphanVm({ cid: subject, about, shared }: { cid: string; about: string; shared?: boolean }): Problem {
  return shared ? { kind: "orphan_vm", subject, detail: `${about}; this state does not know it`, resolutions: ["ignore", "delete_vm"] } : { kind: "orphan_vm", subject, detail: `${about}; no state knows it`, resolutions: ["delete_vm", "ignore"] };
}

/** Data is never deleted unless somebody says so: by a word, or by the time that orphans are kept. */
function orphanProblem({ cid: subject, about, orphan }: DiskView): Problem[] {
  if (orphan === undefined) return [{ kind: "orphan_disk", subject, detail: `${about}; no state knows it`, resolutions: ["ignore", "delete_disk"] }];
  return orphan.over ? [{ kind: "orphan_disk", subject, detail: `${about}; its time as an orphan is over`, resolutions: ["delete_disk", "ignore"] }] : [];
}

function problemsOf(instance: InstanceView, disks: ReadonlyMap<string, { attachedTo: string | undefined }> | undefined): Problem[] {
  const { label: subject, selector, agent, vmCid } = instance;
  // Whatever an IaaS says that may have been asked a moment too early or in another place: who answers lives. Its credentials are its own.
  const vm = agent && instance.vm !== "unknown" ? "running" : instance.vm;
  const found: Problem[] = [];
  const add = (kind: ProblemKind, detail: string, ...offered: [Resolution, ...Resolution[]]): void => void found.push({ kind, subject, selector, detail, resolutions: inOrder(offered) });
  if (vm === "missing" || vm === "dead") {
    add("missing_vm", vm === "dead" ? `VM ${vmCid} does not run any more` : `VM ${vmCid} is gone`, "recreate_vm", "ignore");
    addDisk();
    return found;
  }
  if (!agent) {
    add("unresponsive_agent", `the agent on VM ${vmCid} does not answer`, "recreate_vm", "ignore");
    return found;
  }
  addDisk();
  if (instance.unfinished || instance.configurationHash === "") add("unfinished_update", "its last update did not get to the end", "update", "ignore");
  else if (instance.desired === "started") {
    const difference = differenceOf(instance, agent);
    if (difference !== undefined) add("drift", difference, "update", "recreate_vm", "ignore");
  }
  if (instance.desired === "started" && agent.jobState !== "running") {
    const failing = agent.processes.filter((p) => p.state !== "running").map((p) => `${p.name} is ${p.state}`);
    add("failing_job", failing.length > 0 ? failing.join(", ") : `its jobs are ${agent.jobState}`, "restart_jobs", "recreate_vm", "ignore");
  }
  return found;

  /** A VM that is still there is not suggested to go where its group forbids it. What is dead can't be lost. */
  function inOrder(offered: [Resolution, ...Resolution[]]): [Resolution, ...Resolution[]] {
    if (offered[0] !== "recreate_vm" || instance.mayReplace !== false || vm === "missing" || vm === "dead") return offered;
    return ["ignore", ...offered.filter((resolution) => resolution !== "ignore")];
  }

  function addDisk(): void {
    const cid = instance.disk;
    if (cid === "" || disks === undefined || vm === "unknown") return;
    const disk = disks.get(cid);
    if (disk === undefined) add("missing_disk", `persistent disk ${cid} is gone, and its data with it`, "ignore", "recreate_vm");
    else if (vm === "running" && disk.attachedTo !== vmCid) add("inactive_disk", `persistent disk ${cid} is not attached to VM ${vmCid}`, "recreate_vm", "ignore");
    else if (vm === "running" && agent && !agent.diskMounted && instance.desired === "started") add("inactive_disk", `persistent disk ${cid} is not mounted`, "update", "recreate_vm", "ignore");
  }
}

function differenceOf(instance: InstanceView, agent: NonNullable<InstanceView["agent"]>): string | undefined {
  if (agent.configurationHash !== instance.configurationHash) return `the agent has configuration ${short(agent.configurationHash)}, not ${short(instance.configurationHash)}`;
  const wrong = instance.packages.filter((p) => agent.packages[p.name] !== p.digest).map((p) => p.name);
  return wrong.length > 0 ? `the agent has other packages: ${wrong.join(", ")}` : undefined;
}

function short(hash: string): string {
  return hash === "" ? "none" : hash.slice(0, 12);
}
