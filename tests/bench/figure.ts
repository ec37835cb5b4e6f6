/** One number that a bench found; `target` is the most it should be (for VMs: the least). */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The least it should be, where too little is wrong as well. */
  least?: number;
  target?: number;
  /** What was compared or left out. */
  note?: string;
}

/** Prints a figure as one line of JSON, which is how `scripts/bench.mjs` gets it. */
export function report(figure: Figure): void {
  console.log(JSON.stringify({ ...figure, value: Math.round(figure.value * 100) / 100 }));
}

/** Says that a bench cannot run here. */
export function skipped(name: string, reason: string): void {
  console.log(JSON.stringify({ name, skipped: reason }));
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Seconds that something took. */
export async function seconds(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}
