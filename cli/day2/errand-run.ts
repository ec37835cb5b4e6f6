import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { errandSignature } from "../../director/errands.ts";
import { messageOf } from "../../director/core/errors.ts";
import { openAgent } from "../../provider/agents.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";

export interface ErrandOutcome {
  instance: string;
  /** Absent when the agent could not run it. */
  exit_code: number | undefined;
  stdout: string;
  stderr: string;
  /** The file with its logs. */
  logs?: string;
}

/** Runs a job's errand on instances at once. What fails on one does not end it on the others. */
export function runErrand(session: Session, context: CommandContext, job: string, instances: readonly KnownInstance[], logsFolder: string | undefined): Promise<ErrandOutcome[]> {
  return Promise.all(instances.map((instance) => runOn(session, context, job, instance, logsFolder)));
}

async function runOn(session: Session, context: CommandContext, job: string, instance: KnownInstance, logsFolder: string | undefined): Promise<ErrandOutcome> {
  const label = `${instance.group}/${instance.index}`;
  const agent = openAgent(session.home, instance.access, label);
  try {
    const { stdout, stderr, exit_code } = await agent.runErrand(job, { signal: context.signal });
    const outcome: ErrandOutcome = { instance: label, exit_code, stdout, stderr };
    if (logsFolder === undefined) return outcome;
    await mkdir(logsFolder, { recursive: true });
    const file = path.join(logsFolder, `${instance.group}.${instance.instanceId}.${job}.tgz`);
    await agent.fetchLogs(["job"], [`${job}/**/*`], file);
    return { ...outcome, logs: file };
  } catch (error) {
    return { instance: label, exit_code: undefined, stdout: "", stderr: messageOf(error) };
  } finally {
    agent.close();
  }
}

/** Prints what came of an errand, instance by instance: output to stdout, the rest to stderr. */
export function showOutcomes(context: CommandContext, outcomes: readonly ErrandOutcome[]): void {
  context.ui.data(outcomes);
  if (context.ui.json) return;
  for (const { instance, exit_code, stdout, stderr, logs } of outcomes) {
    context.ui.info(`==> ${instance}: ${exit_code === undefined ? "could not run" : exit_code > 128 ? "canceled" : `exit code ${exit_code}`}${logs ? `, logs in ${logs}` : ""}`);
    if (stdout !== "") context.ui.out(stdout.endsWith("\n") ? stdout : `${stdout}\n`);
    for (const line of stderr.split("\n")) if (line !== "") context.ui.info(`${instance} stderr | ${line}`);
  }
}

/** Equal for two runs of an errand on the same instances with the same configuration and packages. */
export function signatureOf(instances: readonly KnownInstance[]): string {
  const text = errandSignature(instances.map((i) => ({ id: i.instanceId, configurationHash: i.configurationHash, packages: i.packages })));
  return createHash("sha256").update(text).digest("hex");
}
