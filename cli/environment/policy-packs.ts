import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command as CommanderCommand } from "commander";
import { parse, stringify } from "yaml";
import { RepaveError } from "../../director/core/errors.ts";
import type { Session } from "./session.ts";

/** Our own name for the runtime of a pack, so that no language host that can't run packs is asked for it. */
const RUNTIME = "repave";

export interface PolicyFlags {
  session: Session;
  flags: string[];
}

export function definePolicyOptions(command: CommanderCommand): void {
  const collect = (value: string, earlier: string[]) => [...earlier, value];
  command
    .option("--policy-pack <folder>", "check against this policy pack, 'repave' for the one that comes with repave; may be repeated", collect, [])
    .option("--policy-pack-config <file>", "settings of a pack, in the order of the packs", collect, []);
}

/**
 * Runs the engine with policy packs. A pack in TypeScript or JavaScript is wrapped in a folder of its own that names our launcher:
 * language hosts differ in whether they can run packs, and an inline program needs none.
 */
export async function withPolicyPacks<T>(session: Session, options: Record<string, unknown>, cwd: string, work: (policies: PolicyFlags) => Promise<T>): Promise<T> {
  const packs = ((options["policyPack"] as string[] | undefined) ?? []).map((given) => packFolder(given, cwd));
  const configs = ((options["policyPackConfig"] as string[] | undefined) ?? []).map((given) => path.resolve(cwd, given));
  if (configs.length > packs.length) throw new RepaveError("cli.usage", "There are more settings of policy packs than packs", { hint: "give one --policy-pack-config for each --policy-pack" });
  for (const file of configs) if (!existsSync(file)) throw new RepaveError("cli.bad-policy-pack", `There are no settings of a policy pack at ${file}`);
  if (packs.length === 0) return work({ session, flags: [] });
  const folder = mkdtempSync(path.join(os.tmpdir(), "repave-policies-"));
  try {
    const launchers = path.join(folder, "bin");
    mkdirSync(launchers);
    symlinkSync(path.join(packageRoot(), "policies", "plugin", "pulumi-analyzer-policy-nodejs"), path.join(launchers, `pulumi-analyzer-policy-${RUNTIME}`));
    const flags = packs.flatMap((pack, i) => ["--policy-pack", wrapped(pack, path.join(folder, String(i)))]);
    const settings = configs.flatMap((file) => ["--policy-pack-config", file]);
    return await work({ session: { ...session, env: { ...session.env, PATH: `${launchers}:${session.env["PATH"] ?? ""}`, REPAVE_NODE: process.execPath } }, flags: [...flags, ...settings] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packFolder(given: string, cwd: string): string {
  const own = path.join(packageRoot(), "dist", "policies");
  const folder = given === "repave" && !existsSync(path.resolve(cwd, given)) ? own : path.resolve(cwd, given);
  if (existsSync(path.join(folder, "PulumiPolicy.yaml"))) return folder;
  throw new RepaveError("cli.bad-policy-pack", `There is no policy pack in ${folder}: it has no PulumiPolicy.yaml`, { hint: `give the folder of a pack, or 'repave' for the pack that comes with repave` });
}

/** A folder that stands for the pack; the pack itself if it is written in another language. */
function wrapped(pack: string, folder: string): string {
  const settings = readSettings(path.join(pack, "PulumiPolicy.yaml"));
  const runtime = typeof settings.runtime === "string" ? settings.runtime : settings.runtime?.name;
  if (runtime !== "nodejs") return pack;
  mkdirSync(folder);
  writeFileSync(path.join(folder, "PulumiPolicy.yaml"), stringify({ description: settings.description, runtime: { name: RUNTIME, options: { pack, main: settings.main } } }));
  return folder;
}

function readSettings(file: string): { description?: string; main?: string; runtime?: string | { name?: string } } {
  try {
    return (parse(readFileSync(file, "utf8")) as ReturnType<typeof readSettings> | null) ?? {};
  } catch (cause) {
    throw new RepaveError("cli.bad-policy-pack", `${file} is not YAML`, { cause });
  }
}

/** From the sources it is two folders up, from dist/ it is three. */
function packageRoot(): string {
  const above = path.resolve(__dirname, "..", "..");
  return path.basename(above) === "dist" ? path.dirname(above) : above;
}
