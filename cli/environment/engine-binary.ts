import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { cacheFolder } from "../../provider/home.ts";

/** The oldest engine with the exit codes and journal that we rely on. */
export const OLDEST_ENGINE = "3.227.0";
const CACHED_ENGINE = "3.259.0";

export interface Engine {
  folder: string;
  version: string;
}

/** The Pulumi engine to use: the one on PATH if it is new enough, else the one set-up keeps in the cache. */
export function findEngine(env: NodeJS.ProcessEnv): Engine {
  const tooOld: string[] = [];
  const folders = [...(env["PATH"] ?? "").split(":").filter(Boolean), path.join(cacheFolder(env), `pulumi-${CACHED_ENGINE}`, "bin")];
  for (const folder of folders) {
    const binary = path.join(folder, "pulumi");
    if (!existsSync(binary)) continue;
    const version = versionOf(binary, env);
    if (version === undefined) continue;
    if (atLeast(version, OLDEST_ENGINE)) return { folder, version };
    tooOld.push(`${binary} is ${version}`);
  }
  if (tooOld.length > 0) {
    throw new RepaveError("setup.old-engine", `The Pulumi engine is too old: ${tooOld.join(", ")}; ${OLDEST_ENGINE} or newer is needed`, {
      hint: "update Pulumi, or run 'make setup' to get one beside it",
    });
  }
  throw new RepaveError("setup.no-engine", "No Pulumi engine found on PATH or in the cache", { hint: "run 'make setup' in the checkout, or install Pulumi" });
}

function versionOf(binary: string, env: NodeJS.ProcessEnv): string | undefined {
  try {
    return execFileSync(binary, ["version"], { encoding: "utf8", env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" }, stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

export function atLeast(found: string, wanted: string): boolean {
  const numbers = (v: string) => v.replace(/^v/, "").split(/[.+-]/).slice(0, 3).map(Number);
  const [a, b] = [numbers(found), numbers(wanted)];
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return (a[i] ?? 0) > (b[i] ?? 0);
  return true;
}
