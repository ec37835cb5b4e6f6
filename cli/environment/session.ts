import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { homeFolder } from "../../provider/home.ts";
import type { CommandContext } from "../command.ts";
import { findEngine } from "./engine-binary.ts";
import { engineHome } from "./engine-home.ts";
import { findProject, type Project } from "./project.ts";

/** Tells an engine's environment which command started it, so that a later run knows the rest of a killed one. */
export const COMMAND_VARIABLE = "REPAVE_COMMAND";

/** Everything a command needs to run the engine on one environment. */
export interface Session {
  project: Project;
  environment: string;
  home: string;
  /** Environment variables for the engine. */
  env: Record<string, string>;
  engine: string;
  engineVersion: string;
}

/**
 * Finds project, engine, state and passphrase. What the user has set (PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE...)
 * wins; otherwise state and a generated passphrase live in the private home folder and are reused by the next run.
 */
export function openSession(environment: string, context: Pick<CommandContext, "cwd" | "env">): Session {
  const project = findProject(context.cwd);
  const home = homeFolder(context.env);
  const engine = findEngine(context.env);
  const ownHome = engineHome(home, context.env);
  return { project, environment, home, engine: path.join(engine.folder, "pulumi"), engineVersion: engine.version, env: { ...engineVariables(home, context.env), ...(ownHome === undefined ? {} : { PULUMI_HOME: ownHome }), [COMMAND_VARIABLE]: String(process.pid), PATH: `${engine.folder}:${context.env["PATH"] ?? ""}` } };
}

/**
 * Where the engine writes the whole state with every step (ADR 12 says where it does not), it spends a fifth of its time collecting what it
 * no longer needs: it does so half as often, unless it has a quarter of the memory by then.
 */
function patientCollector(): Record<string, string> {
  const memory = Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
  return { GOGC: "200", GOMEMLIMIT: `${Math.round(memory / 4 / 2 ** 20)}MiB` };
}

/** The variables that make a plain `pulumi` use the same state as this command. */
export function engineVariables(home: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const variables: Record<string, string> = { ...patientCollector(), ...(env as Record<string, string>), PULUMI_SKIP_UPDATE_CHECK: "true", REPAVE_HOME: home };
  variables["PULUMI_BACKEND_URL"] ??= stateBackend(home);
  if (!env["PULUMI_CONFIG_PASSPHRASE"] && !env["PULUMI_CONFIG_PASSPHRASE_FILE"]) variables["PULUMI_CONFIG_PASSPHRASE_FILE"] = passphraseFile(home);
  return variables;
}

/** The `.pulumi` folder of a file backend; undefined for any other. */
export function fileBackend(session: Session): string | undefined {
  const url = session.env["PULUMI_BACKEND_URL"] ?? "";
  return url.startsWith("file://") ? path.join(url.slice("file://".length).replace(/\?.*$/, "").replace(/^~/, os.homedir()), ".pulumi") : undefined;
}

function stateBackend(home: string): string {
  const folder = path.join(home, "state");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Without a file beside the state that has its checksum, which nobody reads and every step would compute.
  return `file://${folder}?metadata=skip`;
}

function passphraseFile(home: string): string {
  const file = path.join(home, "passphrase");
  if (!existsSync(file) || readFileSync(file, "utf8").trim() === "") writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return file;
}
