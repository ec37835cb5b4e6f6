import { RepaveError } from "../../director/core/errors.ts";
import { abort, advance, describePhase, goesOn, startRotation, type CredentialConfig, type Rotation } from "../../director/rotation/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { credentialsOf } from "../environment/credentials.ts";
import { readCredentialConfig, ROTATION_KEY, settleRotation } from "../environment/rotation-config.ts";
import { openSession, type Session } from "../environment/session.ts";
import { exportStack, stackExists } from "../environment/state.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { plannedUpdate } from "../plan/planned-update.ts";
import { exitCode } from "../exit-codes.ts";
import { environmentOption } from "../options.ts";

interface RotateOptions {
  all?: boolean;
  expiring?: string;
  abort?: boolean;
  preview?: boolean;
}

export const rotate: Command = {
  define(command) {
    command
      .argument("[names...]", "credentials, as 'repave credentials' lists them")
      .addOption(environmentOption())
      .option("--all", "every credential that can be rotated")
      .option("--expiring <time>", "every certificate that expires within this time, such as 30d")
      .option("--abort", "go back to the old CAs; possible until every certificate is signed anew")
      .option("--force", "go on although the plan of a phase is refused")
      .option("--preview", "show what the next phase would change, and change nothing")
      .addHelpText("after", "\nRun it again, with the same arguments or none, to go on with a rotation that was cut off.");
  },
  async run(names, given, context) {
    const options = given as RotateOptions;
    const session = openSession(environmentName(given["environment"], context), context);
    if (!(await stackExists(session))) throw new RepaveError("state.no-stack", `There is no environment '${session.environment}' in this state`, { hint: `repave up ${session.environment}` });
    const asked = [...names, ...(options.all ? ["--all"] : []), ...(options.expiring === undefined ? [] : [`--expiring ${options.expiring}`])];
    if (options.abort && asked.length > 0) throw new RepaveError("cli.usage", "'--abort' turns back the whole rotation that is under way: it takes no names");
    const expiringBefore = options.expiring === undefined ? undefined : afterNow(options.expiring);
    await prepareStack(session, context);
    const config = await readCredentialConfig(session);
    const rotation = options.abort ? turnedBack(config) : (underWay(config, asked) ?? (await begun({ session, context, config, names, asked, all: options.all === true, expiringBefore })));
    if (rotation === undefined) {
      context.ui.info("nothing to rotate");
      context.ui.data({ phases: [], done: true });
      return exitCode.ok;
    }
    return options.preview ? preview(session, context, rotation) : carryOut(session, context, { ...config, rotation }, given["force"] === true);
  },
};

function turnedBack({ rotation }: CredentialConfig): Rotation {
  if (!rotation) throw new RepaveError("credential.no-rotation", "No rotation is under way", { hint: "a rotation that is done is turned back by another one: repave rotate NAME" });
  return abort(rotation);
}

function underWay({ rotation }: CredentialConfig, asked: readonly string[]): Rotation | undefined {
  if (rotation) goesOn(rotation, asked);
  else if (asked.length === 0) throw new RepaveError("cli.usage", "'rotate' needs names, --all or --expiring", { hint: "'repave credentials' lists the names" });
  return rotation;
}

interface Begin {
  session: Session;
  context: CommandContext;
  config: CredentialConfig;
  names: readonly string[];
  asked: readonly string[];
  all: boolean;
  expiringBefore: string | undefined;
}

async function begun({ session, context, config, names, asked, all, expiringBefore }: Begin): Promise<Rotation | undefined> {
  const credentials = credentialsOf(await exportStack(session, { secrets: true }));
  const request = { names, all, ...(expiringBefore === undefined ? {} : { expiringBefore }) };
  const { rotation, left, waiting } = startRotation({ credentials, generations: config.generations, request, asked, now: new Date().toISOString() });
  for (const { id, reason } of left) context.ui.warn(`${id} is left as it is: ${reason}`);
  for (const id of waiting) context.ui.warn(`${id} gets its new value with the next stemcells (on-stemcell-change), or by: repave up ${session.environment} --force-latest-variables`);
  return rotation;
}

async function preview(session: Session, context: CommandContext, rotation: Rotation): Promise<number> {
  for (let at: Rotation | undefined = rotation; at; at = next(at)) context.ui.info(describePhase(at));
  context.ui.info(`\npreview of '${describePhase(rotation)}':`);
  return runUpdate(session, context, { verb: "preview", settings: { [ROTATION_KEY]: JSON.stringify(rotation) } });
}

function next(rotation: Rotation): Rotation | undefined {
  const step = advance({ generations: {}, rotation });
  return step.done ? undefined : step.rotation;
}

/** One update for each phase; the phase is written down before it begins, so that a run cut off goes on with it. */
async function carryOut(session: Session, context: CommandContext, config: CredentialConfig & { rotation: Rotation }, force: boolean): Promise<number> {
  const phases: string[] = [];
  for (let { rotation } = config; ; ) {
    const phase = describePhase(rotation);
    context.ui.info(phase);
    const code = await plannedUpdate(session, context, { flags: ["--refresh"], config: { [ROTATION_KEY]: JSON.stringify(rotation) }, force, always: true });
    if (code !== exitCode.ok) {
      context.ui.info(`the rotation stopped in this phase: ${phase}\n  next: put right what failed and run 'repave rotate${rotation.aborting ? " --abort" : ""}' to go on`);
      return code;
    }
    phases.push(phase);
    const step = advance({ ...config, rotation });
    if (step.done) {
      await settleRotation(session, step.generations);
      const what = [...Object.keys(rotation.cas), ...Object.keys(rotation.renew)].join(", ");
      context.ui.info(rotation.aborting ? `the rotation of ${rotation.asked.join(", ")} was turned back` : `rotated: ${what}`);
      context.ui.data({ phases, done: true, aborted: rotation.aborting });
      return exitCode.ok;
    }
    rotation = step.rotation;
  }
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

function afterNow(text: string): string {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) throw new RepaveError("cli.usage", `'${text}' is no time to look ahead`, { hint: "such as 30d, 12h or 2w" });
  return new Date(Date.now() + Number(count) * unitMs[unit]!).toISOString();
}
