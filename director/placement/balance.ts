import { planError } from "../network/plan-error.ts";
import type { ExistingInstance, Matched, Slot } from "./types.ts";

export interface BalanceRequest {
  group: string;
  instances: number;
  /** Undefined when the group has no AZs. */
  azs: readonly string[] | undefined;
  existing: readonly ExistingInstance[];
  /** Chooses among equally full AZs when no existing instance decides. */
  tie: (azs: readonly string[]) => string;
}

const noStatics: ReadonlyMap<string, string> = new Map();

/** The tie rule without `randomize_az_placement`. */
export function alphabeticallyFirst(azs: readonly string[]): string {
  return [...azs].sort(byText)[0]!;
}

/**
 * The Director's placement for groups without static IPs: ignored instances stay, instances with disks stay in
 * their AZ, and the rest is spread evenly, reusing existing instances wherever the spread allows.
 *
 * @throws RepaveError `plan.ignored-instance`
 */
export function balance(request: BalanceRequest): Matched {
  const existing = [...request.existing].sort((a, b) => a.index - b.index);
  const free = new Set(existing);
  const azs = request.azs && orderByCount(request.azs, existing);
  checkIgnored(request, existing);

  const slots: Slot[] = [];
  const weight = new Map<string, number>(azs?.map((az) => [az, 0]));
  const place = (az: string | null, instance: ExistingInstance | undefined) => {
    if (instance) free.delete(instance);
    if (az !== null && weight.has(az)) weight.set(az, weight.get(az)! + 1);
    slots.push({ existing: instance, az, statics: noStatics });
  };

  for (const instance of existing.filter((item) => item.ignored)) place(instance.az, instance);
  if (azs) {
    for (const instance of existing) {
      if (slots.length >= request.instances) break;
      if (!instance.disk || !free.has(instance) || instance.az === null || !weight.has(instance.az)) continue;
      place(instance.az, instance);
    }
  }
  spread(request, weight, free, slots, place);
  return { slots: keptFirst(slots), obsolete: existing.filter((item) => free.has(item)) };
}

function spread(
  request: BalanceRequest,
  weight: ReadonlyMap<string, number>,
  free: ReadonlySet<ExistingInstance>,
  slots: readonly Slot[],
  place: (az: string | null, instance: ExistingInstance | undefined) => void,
): void {
  const waiting = new Map<string | null, ExistingInstance[]>();
  for (const instance of free) {
    const queue = waiting.get(instance.az);
    if (queue) queue.push(instance);
    else waiting.set(instance.az, [instance]);
  }
  while (slots.length < request.instances) {
    const az = weight.size === 0 ? null : nextAz(request, weight, waiting);
    place(az, waiting.get(az)?.shift());
  }
}

function nextAz(request: BalanceRequest, weight: ReadonlyMap<string, number>, waiting: ReadonlyMap<string | null, ExistingInstance[]>): string {
  const least = Math.min(...weight.values());
  const tied = [...weight.keys()].filter((az) => weight.get(az) === least);
  if (tied.length === 1) return tied[0]!;
  return tied.find((az) => (waiting.get(az)?.length ?? 0) > 0) ?? request.tie(tied);
}

/** AZs with most existing instances first; ties keep the manifest's order. */
function orderByCount(azs: readonly string[], existing: readonly ExistingInstance[]): string[] {
  const count = (az: string) => existing.filter((item) => item.az === az).length;
  return [...azs].map((az) => ({ az, count: count(az) })).sort((a, b) => b.count - a.count).map((item) => item.az);
}

function checkIgnored(request: BalanceRequest, existing: readonly ExistingInstance[]): void {
  const ignored = existing.filter((item) => item.ignored);
  if (ignored.length === 0) return;
  const details = { group: request.group, ignored: ignored.map((item) => item.row.id) };
  if (ignored.length > request.instances) {
    throw planError(
      "plan.ignored-instance",
      190020,
      `Instance Group '${request.group}' has ${ignored.length} ignored instance(s). ${request.instances} instance(s) of that instance group were requested. Deleting ignored instances is not allowed.`,
      { details },
    );
  }
  const gone = [...new Set(ignored.map((item) => item.az))].filter((az) => az !== null && !(request.azs ?? []).includes(az));
  if (gone.length > 0) {
    throw planError(
      "plan.ignored-instance",
      190020,
      `Instance Group '${request.group}' no longer contains AZs ${JSON.stringify(gone)} where ignored instance(s) exist.`,
      { details },
    );
  }
}

function keptFirst(slots: readonly Slot[]): Slot[] {
  return [...slots.filter((slot) => slot.existing), ...slots.filter((slot) => !slot.existing)];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
