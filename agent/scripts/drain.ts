import { setTimeout as sleep } from "node:timers/promises";
import { runCommand, SCRIPT_PATH } from "../run-command.ts";
import { jobsOf, packagesOf, type SavedSpec } from "../spec.ts";

/** What a drain script is told: its arguments and the `BOSH_JOB_*` variables. */
export interface DrainParams {
  jobChange: string;
  hashChange: string;
  updatedPackages: string[];
  env: Record<string, string>;
}

export function updateParams(current: SavedSpec, next: SavedSpec): DrainParams {
  return {
    jobChange: jobsOf(current).length === 0 ? "job_new" : "job_changed",
    hashChange:
      current.configuration_hash === "" ? "hash_new" : current.configuration_hash === next.configuration_hash ? "hash_unchanged" : "hash_changed",
    updatedPackages: packagesOf(next)
      .filter((pkg) => current.packages[pkg.name]?.sha1 !== pkg.sha1)
      .map((pkg) => pkg.name)
      .sort(),
    env: { ...stateOf(current), ...nextStateOf(next) },
  };
}

export function shutdownParams(current: SavedSpec, next: SavedSpec | undefined): DrainParams {
  return {
    jobChange: "job_shutdown",
    hashChange: "hash_unchanged",
    updatedPackages: [],
    env: { ...stateOf(current), ...(next && nextStateOf(next)) },
  };
}

function stateOf(spec: SavedSpec): Record<string, string> {
  return { BOSH_JOB_STATE: JSON.stringify({ persistent_disk: spec.persistent_disk }) };
}

function nextStateOf(spec: SavedSpec): Record<string, string> {
  return { BOSH_JOB_NEXT_STATE: JSON.stringify({ persistent_disk: spec.persistent_disk }) };
}

/** Calls the script until it answers a wait of zero or more seconds; a negative answer means: wait, then ask again. */
export async function runDrain(file: string, params: DrainParams, signal: AbortSignal): Promise<void> {
  let call = params;
  while (!signal.aborted) {
    const wait = await runOnce(file, call, signal);
    await sleep(Math.abs(wait) * 1000, undefined, { signal }).catch(() => undefined);
    if (wait >= 0) return;
    const { BOSH_JOB_STATE } = params.env;
    call = { jobChange: "job_check_status", hashChange: "hash_unchanged", updatedPackages: [], env: { BOSH_JOB_STATE: BOSH_JOB_STATE ?? "" } };
  }
}

async function runOnce(file: string, params: DrainParams, signal: AbortSignal): Promise<number> {
  const args = [params.jobChange, params.hashChange, ...params.updatedPackages];
  // The exit code says nothing: only the printed number counts.
  const { stdout } = await runCommand(file, args, { env: { ...process.env, PATH: SCRIPT_PATH, ...params.env }, signal, keepBytes: 4096 });
  if (signal.aborted) return 0;
  const text = stdout.trim();
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`Script did not return a signed integer (${text.length} characters printed)`);
  return Number(text);
}
