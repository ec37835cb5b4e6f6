import { RepaveError } from "../../director/core/errors.ts";
import { type Generation, lastGood } from "../../director/rollout/generations.ts";
import type { AnnouncedManifest } from "../../components/deployment/announce.ts";
import type { RollbackConfig } from "../../components/deployment/rollback.ts";
import { unpackContent } from "../../provider/resources/deployed-manifest.ts";
import type { Command, CommandContext } from "../command.ts";
import { wantedManifests } from "../day2/generations.ts";
import { changesBetween, setOf, showChanges } from "../day2/show-changes.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
import { FORCED } from "../environment/force.ts";
import { generationsOf } from "../environment/deployed.ts";
import { showInstances } from "../environment/instance-table.ts";
import { TaskStore } from "../environment/journal/task-store.ts";
import { openSession, type Session } from "../environment/session.ts";
import { engineCommand, exportStack, stackExists } from "../environment/state.ts";
import { environmentName, prepareStack, runUpdate } from "../environment/update.ts";
import { planData, planEnvironment, refuse, showPlan } from "../plan/live.ts";
import { defineForce } from "../plan/planned-update.ts";
import { environmentOption, yesOption } from "../options.ts";

const ROLLBACK = "repave:rollback";

export const rollback: Command = {
  define(command) {
    defineForce(command)
      .argument("[task]", "the successful update to go back to, as 'repave tasks' lists them (default: the last one that differs from what was tried)")
      .addOption(environmentOption())
      .option("--to <task>", "the same")
      .option("--manifest <digest>", "go back to a manifest by its digest, or the first characters of it")
      .option("--list", "what can be gone back to")
      .option("--preview", "show what would change, and change nothing")
      .option("--end", "let the program decide again: the next update deploys its manifest")
      .addOption(yesOption())
      .addHelpText("after", "\nManifest, releases and stemcells go back; the cloud config and the rest of the program stay as they are. What was gone back to holds until --end.");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    if (!(await stackExists(session))) throw new RepaveError("state.no-stack", `There is no environment '${session.environment}' in this state`, { hint: `repave up ${session.environment}` });
    const known = generationsOf(await exportStack(session, { secrets: true }));
    if (options["list"]) return list(known, context);
    await prepareStack(session, context);
    if (options["end"]) return end(session, context);
    const wanted = await wantedManifests(session, context);
    const { to, targets } = targetsOf(session, known, wanted, { task: (options["to"] as string | undefined) ?? given, digest: options["manifest"] as string | undefined });
    if (targets.size === 0) throw new RepaveError("cli.no-rollback", `Nothing is known that '${session.environment}' could go back to`, { hint: "'repave rollback --list' says what is kept" });
    showTargets(context, known, wanted, targets);
    const config: RollbackConfig = { to, deployments: Object.fromEntries([...targets].map(([name, { digest, content }]) => [name, { digest, content }])) };
    const planned = await planEnvironment(session, context, { flags: ["--refresh"], settings: { [ROLLBACK]: JSON.stringify(config) } });
    if (planned.code !== exitCode.ok) return planned.code;
    showPlan(context, planned, { warnings: true });
    if (options["preview"]) {
      context.ui.data(planData(session, planned));
      return exitCode.ok;
    }
    if (!options["force"]) refuse(session, planned);
    if (!options["yes"] && !(await ask(context, `Go back to ${to}?`))) throw new RepaveError("cli.refused", "Nothing was rolled back", { hint: "answer y, or give --yes" });
    return carryOut(session, context, config);
  },
};

async function carryOut(session: Session, context: CommandContext, config: RollbackConfig): Promise<number> {
  context.task?.begin(session);
  // Written down before it begins: a run that is cut off goes on with it, and so does a plain update.
  await engineCommand(session, ["config", "set", "--secret", ROLLBACK], JSON.stringify(config));
  const code = await runUpdate(session, context, { verb: "up", flags: ["--refresh"], env: FORCED });
  if (code === exitCode.ok) await showInstances(session, context, {});
  context.ui.info(`held at ${config.to} until: repave rollback --end -e ${session.environment}`);
  return code;
}

async function end(session: Session, context: CommandContext): Promise<number> {
  await engineCommand(session, ["config", "rm", ROLLBACK]).catch((error: unknown) => {
    if (!/not found|no such|does not exist/i.test(String(error))) throw error;
  });
  context.ui.info("the program decides again; nothing has changed yet\n  next: repave diff, then repave up");
  return exitCode.ok;
}

interface Asked {
  task: string | undefined;
  digest: string | undefined;
}

function targetsOf(session: Session, known: ReadonlyMap<string, Generation[]>, wanted: readonly AnnouncedManifest[], asked: Asked): { to: string; targets: Map<string, Generation> } {
  if (asked.digest !== undefined) return { to: `manifest ${asked.digest}`, targets: byDigest(known, asked.digest) };
  if (asked.task !== undefined) return { to: `task ${asked.task}`, targets: byTask(session, known, asked.task) };
  const past = wanted.map(({ name, written }) => ({ name, wanted: written.digest, generations: known.get(name) ?? [] }));
  const targets = lastGood(past);
  const [first] = targets.values();
  return { to: `the update of ${first?.at ?? "-"}`, targets };
}

function byDigest(known: ReadonlyMap<string, Generation[]>, digest: string): Map<string, Generation> {
  if (!/^[0-9a-f]{6,64}$/.test(digest)) throw new RepaveError("cli.usage", `'${digest}' is no digest of a manifest`, { hint: "'repave rollback --list' shows them" });
  const found = [...known].flatMap(([name, generations]) => generations.filter((g) => g.digest.startsWith(digest)).map((generation) => [name, generation] as const));
  if (found.length === 0) throw new RepaveError("cli.no-rollback", `No manifest with the digest ${digest} is kept`, { hint: "'repave rollback --list' says what is" });
  return new Map(found);
}

function byTask(session: Session, known: ReadonlyMap<string, Generation[]>, number: string): Map<string, Generation> {
  if (!/^[1-9]\d*$/.test(number)) throw new RepaveError("cli.usage", `'${number}' is no number of a task`, { hint: "'repave tasks' lists them" });
  const task = new TaskStore(session).find(Number(number));
  if (task === undefined) throw new RepaveError("cli.no-task", `Task ${number} of '${session.environment}' is not kept here`, { hint: "journals are kept on the computer that ran the command; 'repave rollback --list' shows what the state knows without them" });
  const manifests = task.end?.result === "done" ? task.end.manifests : undefined;
  if (manifests === undefined) throw new RepaveError("cli.no-rollback", `Task ${number} (${task.start.command}) is no successful update: it is '${task.state}'`, { hint: "'repave tasks' shows which are done" });
  return new Map(
    Object.entries(manifests).map(([name, digest]) => {
      const generation = known.get(name)?.find((g) => g.digest === digest);
      if (generation) return [name, generation];
      throw new RepaveError("cli.no-rollback", `The manifest that task ${number} gave deployment '${name}' is not kept any more`, { details: { deployment: name, digest }, hint: "the state keeps the last few; deploy it from the program's own history instead" });
    }),
  );
}

/** What is meant, in manifest terms, and what can't be brought back. */
function showTargets(context: CommandContext, known: ReadonlyMap<string, Generation[]>, wanted: readonly AnnouncedManifest[], targets: ReadonlyMap<string, Generation>): void {
  const all = [...targets].map(([name, target]) => {
    const now = known.get(name)?.[0];
    context.ui.info(`deployment ${name} goes back to ${setOf(target)} (${target.digest.slice(0, 12)}, of ${target.at})`);
    // A folder is read as it is now: its version does not say what was in it.
    for (const { name: release, version, print } of target.releases) {
      const last = now?.releases.find((r) => r.name === release && r.version === version);
      if (last !== undefined && last.print !== print) context.ui.warn(`release ${release}/${version} has other content now than it had then, under the same version: that does not go back`);
    }
    const from = wanted.find((manifest) => manifest.name === name)?.effective.content;
    return { deployment: name, changes: changesBetween(from, unpackContent(target.content), { redact: true }) };
  });
  showChanges(context, all);
}

function list(known: ReadonlyMap<string, Generation[]>, context: CommandContext): number {
  const rows = [...known].flatMap(([name, generations]) => generations.map((g, i) => [name, g.digest.slice(0, 12), g.at, i === 0 ? "deployed" : "-", setOf(g)]));
  context.ui.table(["deployment", "manifest", "done", "state", "releases"], rows);
  return exitCode.ok;
}
