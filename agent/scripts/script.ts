import { closeSync, mkdirSync, openSync } from "node:fs";
import path from "node:path";
import type { Layout } from "../layout.ts";
import { runCommand, SCRIPT_PATH } from "../run-command.ts";

/** Runs one lifecycle script; its output is appended to the job's log folder. */
export async function runScript(options: { job: string; name: string; file: string; env: Record<string, string>; layout: Layout }): Promise<void> {
  const { job, name, file, env, layout } = options;
  const output = { stdout: openLog(layout.jobLog(job, `${name}.stdout.log`)), stderr: openLog(layout.jobLog(job, `${name}.stderr.log`)) };
  try {
    const { exitCode } = await runCommand(file, [], { env: { ...process.env, PATH: SCRIPT_PATH, ...env }, output, lowPriority: true });
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}`);
  } finally {
    closeSync(output.stdout);
    closeSync(output.stderr);
  }
}

function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o750 });
  return openSync(file, "a", 0o640);
}
