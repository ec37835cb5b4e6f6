import { z } from "zod";
import { durationMs } from "../core/duration.ts";
import { type Selectable, selectsInstance } from "../selectors.ts";

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is a time of day, such as 02:30");
const age = z.string().refine((text) => durationMs(text) !== undefined, "is a time such as 12h or 7d");
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** When a plain update replaces VMs because of their age. */
export const repavePolicySchema = z
  .strictObject({
    /** VMs older than this are replaced, in waves as ever: `7d`. */
    maxAge: age,
    /** The only time at which that happens, in UTC; one that ends before it begins goes over midnight. Default: always. */
    window: z.strictObject({ days: z.array(z.enum(weekdays)).min(1).optional(), from: time, to: time }).optional(),
    /** VMs made together come due one by one over this time before `maxAge`, so that not all are replaced in one night. Default: `0s`. */
    stagger: age.optional(),
    /** Which instances it is for, as commands take them. Default: all. */
    selectors: z.array(z.string().min(1)).min(1).optional(),
  })
  .refine((policy) => (durationMs(policy.stagger ?? "0s") ?? 0) < (durationMs(policy.maxAge) ?? 0), { message: "is shorter than maxAge", path: ["stagger"] });

/** @example { maxAge: "7d", window: { days: ["sat", "sun"], from: "22:00", to: "04:00" }, stagger: "2d" } */
export type RepavePolicy = z.infer<typeof repavePolicySchema>;

/** A policy at one moment of its window. */
export const dueSchema = z.object({ at: z.iso.datetime(), maxAgeMs: z.number(), staggerMs: z.number(), selectors: z.array(z.string()) });

export type DueVms = z.infer<typeof dueSchema>;

/** What a policy asks for now; undefined outside its window. */
export function dueNow(policy: RepavePolicy, now: Date): DueVms | undefined {
  if (policy.window !== undefined && !isOpen(policy.window, now)) return undefined;
  return { at: now.toISOString(), maxAgeMs: durationMs(policy.maxAge)!, staggerMs: durationMs(policy.stagger ?? "0s")!, selectors: policy.selectors ?? ["*"] };
}

/** The time (ISO 8601) before which an instance's VM must not have been made; undefined for one that the policy is not for. */
export function ageBound({ at, maxAgeMs, staggerMs, selectors }: DueVms, instance: Selectable): string | undefined {
  if (!selectsInstance(selectors, instance)) return undefined;
  return new Date(Date.parse(at) - maxAgeMs + Math.floor(staggerMs * share(instance.id))).toISOString();
}

function isOpen({ days, from, to }: NonNullable<RepavePolicy["window"]>, now: Date): boolean {
  const minute = now.getUTCHours() * 60 + now.getUTCMinutes();
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const allowed = (day: number): boolean => days === undefined || days.includes(weekdays[(day + 7) % 7]!);
  const today = now.getUTCDay();
  if (begin < end) return begin <= minute && minute < end && allowed(today);
  // Over midnight: what comes after it belongs to the day before. Equal ends are a whole day.
  return (minute >= begin && allowed(today)) || (minute < end && allowed(today - 1));
}

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

/** A number from 0 up to 1 that is always the same for an instance (FNV-1a). */
function share(id: string): number {
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
