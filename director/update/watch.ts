import { planError } from "../network/plan-error.ts";

/** How long an instance may take until its jobs run: never asked before `minMs`, given up after `maxMs`. */
export interface WatchTime {
  minMs: number;
  maxMs: number;
}

/**
 * Reads `30000` or `30000-1200000` (milliseconds, spaces allowed).
 *
 * @throws RepaveError `plan.bad-update` (Director 180001)
 */
export function parseWatchTime(value: string | number): WatchTime {
  const found = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(String(value));
  if (!found) {
    throw planError("plan.bad-update", 180001, "Watch time should be an integer or a range of two integers", {
      details: { value },
      hint: "write MIN-MAX in milliseconds, such as 30000-1200000",
    });
  }
  const minMs = Number(found[1]);
  const maxMs = found[2] === undefined ? minMs : Number(found[2]);
  if (minMs > maxMs) {
    throw planError("plan.bad-update", 180001, "Min watch time cannot be greater than max watch time", { details: { value } });
  }
  return { minMs, maxMs };
}

/**
 * The pauses between questions to the agent, in milliseconds: after each one its state is asked once. The first is
 * `minMs`; the last question comes at or just before `maxMs`.
 *
 * @example
 * watchPauses({ minMs: 30_000, maxMs: 1_200_000 }); // 30 s, then 78 times 15 s
 */
export function watchPauses(watch: WatchTime): number[] {
  const delta = watch.maxMs - watch.minMs;
  const step = Math.min(Math.max(Math.floor(delta / 9), 1000), 15_000);
  return [watch.minMs, ...Array<number>(Math.floor(delta / step)).fill(step)];
}
