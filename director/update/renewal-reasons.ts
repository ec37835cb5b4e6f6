import { isDeepStrictEqual } from "node:util";
import { reasonsFor } from "../core/reasons.ts";

/** What a VM is made from, as far as words go. */
export interface MadeFrom {
  fingerprint?: unknown;
  repaveBefore?: string | undefined;
}

const words = { ip: "address", env: "VM environment", networks: "network", fingerprint: "what it is made from", vmName: "name", ntp: "time servers" };

/**
 * Why a VM is made anew, from the names of the inputs that differ. The parts of the fingerprint are told one by one; of `env`, which may
 * hold credentials, nothing is told.
 */
export function renewalReasons(olds: MadeFrom, news: MadeFrom, changed: readonly string[], createdAt: unknown): string[] {
  const keys = changed.filter((key) => key !== "repaveBefore");
  const [from, to] = [partsOf(olds), partsOf(news)];
  const parts = keys.includes("fingerprint") && isRecord(news.fingerprint) ? Object.keys(news.fingerprint).filter((key) => !isDeepStrictEqual(from[key], to[key])) : [];
  const told = [...keys.filter((key) => key !== "fingerprint" || parts.length === 0), ...parts];
  return [...(told.length > 0 ? [reasonsFor(from, to, told, words)] : []), ...(isTooOld(news, createdAt) ? [`made ${String(createdAt)}, before ${news.repaveBefore}`] : [])];
}

/** Whether something was made before the time that is asked for. */
export function isTooOld({ repaveBefore }: MadeFrom, createdAt: unknown): boolean {
  return repaveBefore !== undefined && typeof createdAt === "string" && createdAt < repaveBefore;
}

function partsOf(side: MadeFrom): Record<string, unknown> {
  return { ...side, env: undefined, ...(isRecord(side.fingerprint) ? side.fingerprint : {}) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
