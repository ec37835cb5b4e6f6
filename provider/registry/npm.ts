import path from "node:path";
import { z } from "zod";
import { clientError, runClient } from "./run.ts";
import type { NpmSource } from "./lock.ts";

const packSchema = z.array(z.object({ filename: z.string(), integrity: z.string() })).min(1);
const viewSchema = z.object({ version: z.string(), dist: z.object({ integrity: z.string() }) });
const gone = /E404|ETARGET|No matching version|EINTEGRITY.*missing|is not in this registry/;
const env = { npm_config_update_notifier: "false", npm_config_fund: "false", npm_config_audit: "false", NO_COLOR: "1" };

/** Fetches the package's tarball, as published, into `dir` and answers its file. No script of the package is run. */
export async function fetchNpm(source: NpmSource, dir: string, signal?: AbortSignal): Promise<string> {
  const what = `npm ${source.npm} ${source.version}`;
  const run = await runClient("npm", ["pack", `${source.npm}@${source.version}`, "--pack-destination", dir, "--ignore-scripts", "--json"], { cwd: dir, env, signal });
  const packed = run.code === 0 ? packSchema.safeParse(parseJson(run.stdout)) : undefined;
  if (!packed?.success) throw clientError(what, run, gone);
  // A scoped name is reported with a slash in it, but written with a dash.
  return path.join(dir, (packed.data[0] as { filename: string }).filename.replace(/^@/, "").replace("/", "-"));
}

/** The newest version the registry offers under `latest` and its integrity. */
export async function latestNpm(name: string, dir: string, signal?: AbortSignal): Promise<NpmSource> {
  const run = await runClient("npm", ["view", `${name}@latest`, "version", "dist", "--json"], { cwd: dir, env, signal });
  const viewed = run.code === 0 ? viewSchema.safeParse([parseJson(run.stdout)].flat()[0]) : undefined;
  if (!viewed?.success) throw clientError(`npm ${name}`, run, gone);
  return { npm: name, version: viewed.data.version, integrity: viewed.data.dist.integrity };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
