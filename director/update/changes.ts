import type { PlacedNetwork } from "../network/settings.ts";
import { changedKeys, changedValues, changedVersions, same, shortList } from "./differences.ts";
import type { InstanceSnapshot, PreviousInstance } from "./snapshot.ts";

export type ChangeKind =
  | "new"
  | "removed"
  | "move"
  | "dirty"
  | "restart"
  | "recreate"
  | "missing_vm"
  | "recreate_persistent_disks"
  | "cloud_properties"
  | "stemcell"
  | "env"
  | "network"
  | "packages"
  | "persistent_disk"
  | "configuration"
  | "job"
  | "state"
  | "dns"
  | "trusted_certs"
  | "blobstore_config"
  | "mbus_config"
  | "tags"
  | "ignored";

/** Why an instance is touched, or why it is not. */
export interface PlanReason {
  change: ChangeKind;
  /** A sentence fragment for people, no full stop, never with a secret in it. */
  text: string;
  from?: string;
  to?: string;
}

/** What the operator asks for beyond the spec. Ids are instance ids; selectors are resolved before. */
export interface UpdateRequest {
  recreate?: "all" | readonly string[];
  /** RFC 3339. Only VMs made before it are recreated (with `recreate`), so an interrupted repave goes on where it stopped. */
  recreateCreatedBefore?: string;
  restart?: readonly string[];
  /** Recreate instances whose agent does not answer instead of stopping. */
  fix?: boolean;
  recreatePersistentDisks?: boolean;
}

/** All differences between an instance as it is and as it should be, in the Director's order. */
export function changesOf(desired: InstanceSnapshot, previous: PreviousInstance, request: UpdateRequest = {}): PlanReason[] {
  const reasons: (PlanReason | undefined)[] = [
    previous.completed ? undefined : { change: "dirty", text: hadJobs(previous) ? "its last update did not finish" : "its first update did not finish" },
    request.restart?.includes(desired.id) ? { change: "restart", text: "restart asked for" } : undefined,
    recreateReason(desired, previous, request),
    previous.hasVm === false && desired.state === "started" ? { change: "missing_vm", text: "it has no VM" } : undefined,
    request.recreatePersistentDisks && desired.disks.length > 0
      ? { change: "recreate_persistent_disks", text: "new persistent disks asked for" }
      : undefined,
    same(previous.cloudProperties, desired.cloudProperties)
      ? undefined
      : { change: "cloud_properties", text: `VM properties: ${changedValues(previous.cloudProperties, desired.cloudProperties)}` },
    stemcellReason(desired, previous),
    same(previous.env, desired.env) ? undefined : { change: "env", text: `VM environment: ${shortList(changedKeys(previous.env, desired.env))}` },
    networkReason(previous.networks, desired.networks),
    versionsReason("packages", "package", previous.packages, desired.packages),
    diskReason(desired, previous),
    same(previous.configuration, desired.configuration)
      ? undefined
      : { change: "configuration", text: `rendered templates of ${shortList(changedKeys(previous.configuration, desired.configuration))}` },
    versionsReason("job", "job", previous.jobs, desired.jobs),
    stateReason(desired, previous),
    digestReason("dns", "DNS records", previous.dns, desired.dns),
    digestReason("trusted_certs", "trusted certificates", previous.trustedCerts, desired.trustedCerts),
    digestReason("blobstore_config", "blobstore settings", previous.blobstore, desired.blobstore),
    digestReason("mbus_config", "agent credentials", previous.mbus, desired.mbus),
    same(previous.tags ?? {}, desired.tags ?? {}) ? undefined : { change: "tags", text: `tags: ${changedValues(previous.tags ?? {}, desired.tags ?? {})}` },
  ];
  const found = reasons.filter((reason) => reason !== undefined);
  return hadJobs(previous) ? found : found.filter((reason) => !meansLittleAtFirst.has(reason.change));
}

/** Of an instance that never ran a job everything differs; that is no news. */
const meansLittleAtFirst = new Set<ChangeKind>(["packages", "configuration", "job", "dns", "persistent_disk"]);

function hadJobs(previous: PreviousInstance): boolean {
  return previous.completed || Object.keys(previous.jobs).length > 0;
}

function recreateReason(desired: InstanceSnapshot, previous: PreviousInstance, request: UpdateRequest): PlanReason | undefined {
  if (previous.agent === "unresponsive" && request.fix) return { change: "recreate", text: "its agent does not answer" };
  if (request.recreate === undefined || (request.recreate !== "all" && !request.recreate.includes(desired.id))) return undefined;
  const bound = request.recreateCreatedBefore;
  if (bound === undefined) return { change: "recreate", text: "a new VM was asked for" };
  if (!previous.completed) return { change: "recreate", text: "a new VM was asked for and the last update did not finish" };
  if (!previous.vmCreatedAt) return { change: "recreate", text: "a new VM was asked for and the age of this one is unknown" };
  return Date.parse(previous.vmCreatedAt) < Date.parse(bound)
    ? { change: "recreate", text: `its VM was made ${previous.vmCreatedAt}, before ${bound}`, from: previous.vmCreatedAt, to: bound }
    : undefined;
}

function stemcellReason(desired: InstanceSnapshot, previous: PreviousInstance): PlanReason | undefined {
  if (same(desired.stemcell, previous.stemcell)) return undefined;
  const [from, to] = [previous, desired].map(({ stemcell }) => `${stemcell.name}/${stemcell.version}`) as [string, string];
  return { change: "stemcell", text: `stemcell ${from} → ${to}`, from, to };
}

function networkReason(before: InstanceSnapshot["networks"], after: InstanceSnapshot["networks"]): PlanReason | undefined {
  const parts = changedKeys(before, after).map((name) => {
    const a = before[name];
    const b = after[name];
    if (!a) return `'${name}' added`;
    if (!b) return `'${name}' removed`;
    return `'${name}' ${settingsText(a, b)}`;
  });
  return parts.length > 0 ? { change: "network", text: `network ${shortList(parts)}` } : undefined;
}

function settingsText(a: PlacedNetwork, b: PlacedNetwork): string {
  return shortList(
    changedKeys({ ...a }, { ...b }).map((key) => {
      const [from, to] = [a, b].map((item) => item[key as keyof PlacedNetwork]);
      const plain = (value: unknown) => (Array.isArray(value) ? value.join(" ") || "none" : value === undefined || value === null ? "none" : String(value));
      return typeof from === "object" && !Array.isArray(from) && from !== null ? key : `${key} ${plain(from)} → ${plain(to)}`;
    }),
  );
}

function versionsReason(
  change: "packages" | "job",
  noun: string,
  before: Readonly<Record<string, { version: string; digest: string }>>,
  after: Readonly<Record<string, { version: string; digest: string }>>,
): PlanReason | undefined {
  const parts = changedVersions(before, after);
  return parts.length > 0 ? { change, text: `${noun} ${shortList(parts)}` } : undefined;
}

function diskReason(desired: InstanceSnapshot, previous: PreviousInstance): PlanReason | undefined {
  if (same(desired.disks, previous.disks)) return undefined;
  const byName = (disks: InstanceSnapshot["disks"]) => new Map(disks.map((disk) => [disk.name, disk]));
  const before = byName(previous.disks);
  const after = byName(desired.disks);
  const parts = [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const a = before.get(name);
    const b = after.get(name);
    const label = name === "" ? "persistent disk" : `disk '${name}'`;
    if (!a) return [`${label} of ${b!.sizeMb} MB added`];
    if (!b) return [`${label} of ${a.sizeMb} MB removed; it is kept as an orphan`];
    if (a.sizeMb !== b.sizeMb) return [`${label} ${a.sizeMb} → ${b.sizeMb} MB`];
    return same(a, b) ? [] : [`${label} ${changedValues(a.cloudProperties ?? {}, b.cloudProperties ?? {})}`];
  });
  return { change: "persistent_disk", text: shortList(parts) };
}

function stateReason(desired: InstanceSnapshot, previous: PreviousInstance): PlanReason | undefined {
  if (desired.state !== previous.state) {
    return { change: "state", text: `state ${previous.state} → ${desired.state}`, from: previous.state, to: desired.state };
  }
  // An update that stopped half-way leaves jobs stopped; "did not finish" says it all.
  if (!previous.completed) return undefined;
  if (desired.state === "started" && (previous.agent === "failing" || previous.agent === "stopped")) {
    return { change: "state", text: `should run, but its agent says ${previous.agent}`, from: previous.agent, to: "running" };
  }
  if (desired.state === "stopped" && previous.agent === "running") {
    return { change: "state", text: "should be stopped, but its jobs run", from: "running", to: "stopped" };
  }
  return undefined;
}

function digestReason(change: ChangeKind, noun: string, before: string | undefined, after: string | undefined): PlanReason | undefined {
  return before === after ? undefined : { change, text: `${noun} changed` };
}
