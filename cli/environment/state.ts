import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { InstanceState } from "../../provider/resources/instance.ts";
import type { AgentSettingsState } from "../../provider/resources/agent-settings.ts";
import type { LocalVmState } from "../../provider/resources/local-vm.ts";
import { decode } from "../../provider/rpc/values.ts";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Session } from "./session.ts";
import { filesOf } from "./state-log/files.ts";
import { loggedState, withCheckpoint } from "./state-log/index.ts";

const exportSchema = z.object({
  version: z.number(),
  deployment: z
    .object({
      resources: z
        .array(
          z.looseObject({
            urn: z.string(),
            type: z.string(),
            id: z.string().optional(),
            inputs: z.record(z.string(), z.any()).optional(),
            outputs: z.record(z.string(), z.any()).optional(),
            initErrors: z.array(z.string()).optional(),
          }),
        )
        .optional(),
      pending_operations: z.array(z.looseObject({ type: z.string(), resource: z.looseObject({ type: z.string(), inputs: z.record(z.string(), z.any()).optional() }) })).nullish(),
    })
    .loose(),
});

export type StackExport = z.infer<typeof exportSchema>;

/** Runs a short engine command and answers what it printed. */
export async function engineCommand(session: Session, args: readonly string[], input?: string): Promise<string> {
  const child = promisify(execFile)(session.engine, [...args, "--stack", session.environment, "--non-interactive"], {
    cwd: session.project.folder,
    env: session.env,
    maxBuffer: 1 << 30,
  });
  if (input !== undefined) child.child.stdin?.end(input);
  try {
    return (await child).stdout;
  } catch (error) {
    const stderr = String((error as { stderr?: unknown }).stderr ?? messageOf(error)).trim();
    if (/no stack named|not found/i.test(stderr)) {
      throw new RepaveError("state.no-stack", `There is no environment '${session.environment}' in this state`, { hint: `repave up ${session.environment}` });
    }
    throw new RepaveError("state.engine", `pulumi ${args.join(" ")} failed: ${stderr}`);
  }
}

/** The stack's file in a file backend: reading it takes a millisecond where the engine takes a second. */
function stateFile(session: Session): string | undefined {
  return filesOf(session)?.checkpoint;
}

export async function stackExists(session: Session): Promise<boolean> {
  const file = stateFile(session);
  if (file !== undefined) return existsSync(file);
  const listed = await promisify(execFile)(session.engine, ["stack", "ls", "--json", "--non-interactive"], { cwd: session.project.folder, env: session.env }).catch((cause: unknown) => {
    throw new RepaveError("state.engine", "The list of environments cannot be read", { cause });
  });
  return (JSON.parse(listed.stdout) as { name: string }[]).some((stack) => stack.name.split("/").pop() === session.environment);
}

/** The stack's state; secrets in clear only when asked for, and then only in memory. */
export async function exportStack(session: Session, options: { secrets: boolean }): Promise<StackExport> {
  const logged = loggedState(session);
  if (logged !== undefined) return options.secrets ? exportOf(await withCheckpoint(session, logged, (copy) => engineCommand(copy, SHOWN))) : exportSchema.parse({ version: 3, deployment: logged.deployment });
  const file = options.secrets ? undefined : stateFile(session);
  if (file !== undefined && existsSync(file)) {
    const { checkpoint } = JSON.parse(await readFile(file, "utf8")) as { checkpoint: { latest?: unknown } };
    return exportSchema.parse({ version: 3, deployment: checkpoint.latest ?? {} });
  }
  return exportOf(await engineCommand(session, options.secrets ? SHOWN : ["stack", "export"]));
}

const SHOWN = ["stack", "export", "--show-secrets"];

function exportOf(text: string): StackExport {
  return exportSchema.parse(JSON.parse(text));
}

/**
 * A killed run leaves operations marked as pending. Our creates are idempotent, so their marks have no use for the next run; an instance
 * that was being updated has no jobs to its name any more: even if the change is taken back, they may be stopped, or run elsewhere.
 */
export async function clearPendingOperations(session: Session): Promise<void> {
  const state = JSON.parse(await engineCommand(session, ["stack", "export"])) as StackExport;
  const cutOff = new Set((state.deployment.pending_operations ?? []).filter((o) => o.type === "updating" || o.type === "deleting").map((o) => o.resource["urn"]));
  for (const resource of state.deployment.resources ?? []) {
    if (resource.type === "repave:index:Instance" && resource.outputs && cutOff.has(resource.urn)) resource.outputs["configurationHash"] = "";
  }
  state.deployment.pending_operations = [];
  await engineCommand(session, ["stack", "import"], JSON.stringify(state));
}

export interface KnownInstance extends InstanceState {
  urn: string;
  createdAt: string | undefined;
  failed: boolean;
}

/** The instances the state knows, by group and index. */
export function instancesOf(state: StackExport): KnownInstance[] {
  const resources = state.deployment.resources ?? [];
  const outputs = (type: string) =>
    resources
      .filter((r) => r.type === `repave:index:${type}` && r.outputs)
      // What is large is kept once, with the inputs.
      .map((r) => ({ resource: r, values: decode(Struct.fromJavaScript(plaintext({ ...r.inputs, ...r.outputs }) as Record<string, never>)).values as unknown }));
  const born = new Map(outputs("LocalVm").map(({ values }) => [(values as LocalVmState).cid, (values as LocalVmState).createdAt]));
  // On a cloud the settings are as old as the VM that was made with them.
  const settled = new Map(outputs("AgentSettings").map(({ values }) => [(values as AgentSettingsState).agentId, (values as AgentSettingsState).createdAt]));
  return outputs("Instance")
    .map(({ resource, values }) => {
      const state = values as InstanceState;
      return { ...state, urn: resource.urn, createdAt: born.get(state.vmCid) ?? settled.get(state.access.agentId), failed: (resource.initErrors?.length ?? 0) > 0 };
    })
    .sort((a, b) => a.group.localeCompare(b.group) || a.index - b.index);
}

export interface KnownJumpbox {
  group: string;
  index: number;
  id: string;
  az: string;
  createdAt: string;
}

/** The environment's jumpbox, as selectors mean it. */
export function jumpboxOf(state: StackExport): KnownJumpbox | undefined {
  const [found] = resourcesOf(state, ["repave:index:JumpboxRenewal"]);
  return found && { group: "jumpbox", index: 0, id: "jumpbox", az: String(found.outputs["az"]), createdAt: String(found.outputs["createdAt"]) };
}

/** Whether a run has gone through to the end, the post-deploy scripts of every deployment, with this bound of a repave. */
export function isRepaved(state: StackExport, before: string): boolean {
  const ends = (state.deployment.resources ?? []).filter((r) => r.type === "repave:index:PostDeploy");
  return ends.length > 0 && ends.every((r) => r.inputs?.["repavedBefore"] === before);
}

/** A plain output of the stack. */
export function stackOutput(state: StackExport, name: string): unknown {
  return state.deployment.resources?.find((r) => r.type === "pulumi:pulumi:Stack")?.outputs?.[name];
}

/** The resources of some types with their inputs and outputs in clear, where the export has them so. */
export function resourcesOf(state: StackExport, types: readonly string[]): { urn: string; type: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[] {
  return (state.deployment.resources ?? []).filter((r) => types.includes(r.type) && r.outputs).map(({ urn, type, inputs, outputs }) => ({ urn, type, inputs: clearValues(inputs), outputs: clearValues(outputs) }));
}

/** Inputs or outputs as a program has them; in clear where the export has them so. */
export function clearValues(map: unknown): Record<string, unknown> {
  return decode(Struct.fromJavaScript(plaintext(map ?? {}) as Record<string, never>)).values as Record<string, unknown>;
}

/** `--show-secrets` exports a secret as `{signature, plaintext: JSON}`. */
function plaintext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plaintext);
  if (value === null || typeof value !== "object") return value;
  const map = value as Record<string, unknown>;
  if (typeof map["plaintext"] === "string" && "4dabf18193072939515e22adb298388d" in map) return plaintext(JSON.parse(map["plaintext"]));
  return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, plaintext(item)]));
}
