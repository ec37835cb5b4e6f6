const DAY_MS = 86_400_000;

/** Whole days since a time in ISO 8601; undefined for none and for a text that is no time. */
export function daysSince(time: unknown, now: Date): number | undefined {
  const began = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(began) ? undefined : Math.floor((now.getTime() - began) / DAY_MS);
}
