import { RepaveError } from "../../director/core/errors.ts";
import { type ErrandTargets, findErrand } from "../../director/errands.ts";
import { parseSelector } from "../../director/selectors.ts";
import type { Command, CommandContext } from "../command.ts";
import { ErrandMemory } from "../day2/errand-memory.ts";
import { runErrand, showOutcomes, signatureOf } from "../day2/errand-run.ts";
import { errandsIn, keepErrandVms, makeErrandVms, planErrandVms, runningErrands } from "../day2/errands.ts";
import { exitCode } from "../exit-codes.ts";
import { forceVariables } from "../environment/force.ts";
import { chooseKnown } from "../environment/select.ts";
import { openSession, type Session } from "../environment/session.ts";
import { exportStack, instancesOf, type KnownInstance } from "../environment/state.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { planData, showPlan } from "../plan/live.ts";
import { defineForce } from "../plan/planned-update.ts";
import { environmentOption, instanceOption } from "../options.ts";

export const runErrandCommand: Command = {
  define(command) {
    defineForce(command)
      .argument("<name>", "a job with a bin/run, or an errand group")
      .addOption(environmentOption())
      .addOption(instanceOption("only on these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49, GROUP@AZ or GROUP/first"))
      .option("--preview", "show what would be made for it and where it would run, and do nothing")
      .option("--when-changed", "skip it if it succeeded before and nothing it runs on has changed since")
      .option("--keep-alive", "keep the VM that was made for it")
      .option("--download-logs", "fetch the job's logs afterwards")
      .option("--logs-dir <folder>", "where to put them (default: here)");
  },
  async run([name = ""], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    await prepareStack(session, context);
    const targets = findErrand(name, errandsIn(await exportStack(session, { secrets: false })));
    if (targets.warning) context.ui.warn(targets.warning);
    const selectors = (options["instance"] as string[] | undefined) ?? [];
    if (selectors.length > 0 && targets.job !== name) throw new RepaveError("cli.usage", `'${name}' is an errand group: it runs on its own VM, not on chosen instances`, { hint: "leave out --instance" });

    const before = await runningErrands(session);
    const wanted = targets.errand.filter((group) => selectors.length === 0 || selectors.some((s) => meansGroup(s, group)));
    if (options["preview"]) return preview(session, context, name, targets, [...new Set([...before, ...wanted])], selectors);
    let code: number = exitCode.error;
    try {
      code = await makeErrandVms(session, context, [...new Set([...before, ...wanted])], { force: Boolean(options["force"]) });
      if (code === exitCode.ok) code = await runOnce(session, context, name, targets, selectors, options);
    } finally {
      if (!options["keepAlive"] && wanted.length > 0) {
        const removed = await keepErrandVms(session, context, before.filter((group) => !wanted.includes(group)), forceVariables(options));
        if (code === exitCode.ok) code = removed;
      }
    }
    return code;
  },
};

/** Shows what a run would make, and on which instances it would be. */
async function preview(session: Session, context: CommandContext, name: string, targets: ErrandTargets, groups: readonly string[], selectors: readonly string[]): Promise<number> {
  const planned = await planErrandVms(session, context, groups);
  if (planned !== undefined && planned.code !== exitCode.ok) return planned.code;
  if (planned !== undefined && !context.ui.json) showPlan(context, planned, { warnings: true });
  const isMeant = (group: string) => [...targets.service, ...targets.errand].includes(group) && (selectors.length === 0 || selectors.some((selector) => meansGroup(selector, group)));
  const there = instancesOf(await exportStack(session, { secrets: true })).filter(({ group }) => isMeant(group));
  const chosen = there.length === 0 ? [] : chooseKnown(there, selectors.filter((selector) => there.some(({ group }) => meansGroup(selector, group))).map((selector) => first(selector, there)));
  const made = targets.errand.filter((group) => isMeant(group) && !there.some((instance) => instance.group === group));
  const instances = [...chosen.map(({ group, index }) => `${group}/${index}`), ...made.map((group) => `${group}/0`)];
  context.ui.info(instances.length === 0 ? `no instance has the errand '${name}'` : `then: '${targets.job}' runs on ${instances.join(", ")}${made.length === 0 ? "" : `; on a VM of its own: ${made.join(", ")}`}`);
  if (context.ui.json) context.ui.data({ errand: targets.job, instances, plan: planned === undefined ? null : planData(session, planned) });
  return exitCode.ok;
}

async function runOnce(session: Session, context: CommandContext, name: string, targets: ErrandTargets, selectors: readonly string[], options: Record<string, unknown>): Promise<number> {
  const groups = new Set([...targets.service, ...targets.errand]);
  const known = instancesOf(await exportStack(session, { secrets: true })).filter((i) => groups.has(i.group));
  const chosen = chooseKnown(known, selectors.map((selector) => first(selector, known)));
  const stopped = chosen.filter((i) => i.state !== undefined);
  if (stopped.length > 0) {
    throw new RepaveError("cli.stopped", `${stopped.map((i) => `${i.group}/${i.index}`).join(", ")} ${stopped.length === 1 ? "is" : "are"} stopped, unable to run errand '${name}'`, { hint: "start them, or choose others with --instance" });
  }
  if (chosen.length === 0) {
    context.ui.warn(`no instance has the errand '${name}'`);
    return exitCode.ok;
  }
  const memory = new ErrandMemory(session);
  const signature = signatureOf(chosen);
  if (options["whenChanged"] && (await memory.last(name)) === signature) {
    context.ui.info(`skipped: '${name}' has succeeded on this configuration`);
    context.ui.data([]);
    return exitCode.ok;
  }
  const logs = options["downloadLogs"] ? ((options["logsDir"] as string | undefined) ?? context.cwd) : undefined;
  context.task?.begin(session);
  const outcomes = await runErrand(session, context, targets.job, chosen, logs);
  for (const [i, { exit_code }] of outcomes.entries()) {
    const { group, instanceId: id, index, az } = chosen[i]!;
    const text = exit_code === undefined ? "could not run" : `exit code ${exit_code}`;
    context.task?.did({ object: name, type: "Errand", action: "run", state: exit_code === 0 ? "done" : "failed", text, instance: { group, id, index, az } });
  }
  showOutcomes(context, outcomes);
  const ok = outcomes.every((outcome) => outcome.exit_code === 0);
  await memory.remember(name, ok ? signature : undefined);
  if (context.signal.aborted) return exitCode.cancelled;
  return ok ? exitCode.ok : exitCode.error;
}

function meansGroup(text: string, group: string): boolean {
  const selector = parseSelector(text);
  return selector.kind === "all" || selector.group === "*" || selector.group === group;
}

/** BOSH's `GROUP/first` is the instance with the smallest id. */
function first(selector: string, known: readonly KnownInstance[]): string {
  const [group, which] = selector.split("/");
  if (which !== "first") return selector;
  const [id] = known.filter((i) => i.group === group).map((i) => i.instanceId).sort();
  return id === undefined ? selector : `${group}/${id}`;
}
