import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

export interface MeasuredRun {
  stdout: string;
  /** Of the whole process. */
  seconds: number;
  /** Most resident memory, in megabytes. */
  peakMb: number;
}

/** Runs Node on a program to its end. It leaves what it needed at most in a file of `scratch`. */
export function measuredRun(argv: readonly string[], scratch: string): MeasuredRun {
  const peak = path.join(scratch, "peak");
  const hook = `--require=${path.join(__dirname, "peak-memory.cjs")}`;
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [hook, ...argv], { maxBuffer: 1 << 28, env: { ...process.env, PEAK_FILE: peak } });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(stderr.toString());
  return { stdout: stdout.toString(), seconds, peakMb: (Number(readFileSync(peak, "utf8")) * 1024) / 1e6 };
}
