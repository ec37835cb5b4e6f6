import { RepaveError } from "./errors.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Milliseconds of `45s`, `30m`, `12h`, `7d` or `2w`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * unitMs[unit]!;
}

/** The same for an option that people give. @throws RepaveError `cli.usage` naming it */
export function durationOption(text: string, option: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new RepaveError("cli.usage", `${option} takes a time such as 30m, 12h or 7d, not '${text}'`);
  return ms;
}
