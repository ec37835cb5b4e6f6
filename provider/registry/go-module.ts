import { mkdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { clientError, runClient, type ClientRun } from "./run.ts";
import type { GoModuleSource } from "./lock.ts";

const downloadSchema = z.object({ Version: z.string(), Zip: z.string(), Sum: z.string() });
const gone = /unknown revision|404 Not Found|410 Gone|no matching versions|invalid version|not available|not found/;

/**
 * Fetches the module's zip, as the module proxy gives it, with Go's own client and answers its file in `dir`.
 * The locked sum takes the place of the checksum database, so this works where only a mirror can be reached.
 */
export async function fetchGoModule(source: GoModuleSource, dir: string, signal?: AbortSignal): Promise<string> {
  const { found } = await download(`${source.gomodule}@${source.version}`, dir, { GOSUMDB: "off" }, signal);
  if (found.Sum !== source.sum) {
    throw new RepaveError("release.digest-mismatch", `Go module ${source.gomodule} ${source.version} has sum ${found.Sum}, expected ${source.sum}`, { hint: "the registry gave other content than was locked; find out why before running 'repave release relock DIR'" });
  }
  return found.Zip;
}

/** The newest version of a module and its sum, checked by Go's own rules (checksum database included, unless the user's settings say otherwise). */
export async function latestGoModule(module: string, dir: string, signal?: AbortSignal): Promise<GoModuleSource> {
  const { found } = await download(`${module}@latest`, dir, {}, signal);
  return { gomodule: module, version: found.Version, sum: found.Sum };
}

async function download(query: string, dir: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<{ found: z.output<typeof downloadSchema>; run: ClientRun }> {
  const home = path.join(dir, "go");
  await mkdir(home, { recursive: true });
  const run = await runClient("go", ["mod", "download", "-json", query], {
    cwd: dir,
    // The module cache is made writable, else the temporary folder could not be removed.
    env: { GOFLAGS: "-mod=mod -modcacherw", GOPATH: home, GOMODCACHE: path.join(home, "mod"), GOTOOLCHAIN: "local", GOWORK: "off", GO111MODULE: "on", ...env },
    signal,
  });
  const parsed = run.code === 0 ? downloadSchema.safeParse(JSON.parse(run.stdout)) : undefined;
  if (!parsed?.success) throw clientError(`Go module ${query.replace("@", " ")}`, run, gone);
  return { found: parsed.data, run };
}
