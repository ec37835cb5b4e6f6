import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { localError } from "./failure.ts";
import { intoEnvironment, type HolderRecord } from "./holder.ts";
import { type EnvironmentPaths, shortHash } from "./paths.ts";
import { childrenOf, identify, nestedPids, type ProcessId } from "./process-table.ts";
import { Staged } from "./staged.ts";

/** A program of ours that lives in the environment's namespaces and outlives the command that started it. */
export interface DaemonSpec {
  /** The file's name in this folder, without extension. */
  program: "gateway-program" | "balancer-program";
  args: string[];
  log: string;
  /** Open files to hand over; the program sees them as 4, 5, ... */
  files?: number[];
  record: (id: ProcessId) => Promise<void>;
}

/** Starts a program; it ends by itself unless its record is written. */
export async function startDaemon(paths: EnvironmentPaths, holder: HolderRecord, method: string, spec: DaemonSpec): Promise<ProcessId> {
  const stage = new Staged(
    method,
    `Cannot start the ${spec.program}`,
    "nsenter",
    [
      ...intoEnvironment(holder),
      // a shell in between, so that the program becomes a child of the environment's first process
      ...["/bin/sh", "-c", 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 &', `${paths.token}:daemon`, spec.log],
      ...[process.execPath, "--max-semi-space-size=2", "--no-warnings", programFile(paths, spec.program), ...spec.args],
    ],
    { files: spec.files ?? [] },
  );
  try {
    const inner = Number(await stage.expect("ready"));
    const pid = childrenOf(holder.init.pid).find((p) => nestedPids(p).at(-1) === inner);
    const id = pid === undefined ? undefined : identify(pid);
    if (id === undefined) throw localError("failed", method, `The ${spec.program} ended while it was being started`);
    await spec.record(id);
    stage.say("commit");
    return id;
  } finally {
    // without "commit" this is the sign to end
    stage.release();
  }
}

/** In an installed package the program is compiled already; in a checkout it is bundled on the spot. */
function programFile(paths: EnvironmentPaths, name: string): string {
  if (__filename.endsWith(".js")) return path.join(__dirname, `${name}.js`);
  const esbuild = require("esbuild") as typeof import("esbuild");
  const built = esbuild.buildSync({ entryPoints: [path.join(__dirname, `${name}.ts`)], bundle: true, platform: "node", target: "node20", format: "cjs", write: false });
  const text = built.outputFiles[0]!.text;
  const file = path.join(paths.programs, `${name}-${shortHash(text, 12)}.cjs`);
  mkdirSync(paths.programs, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
  return file;
}
