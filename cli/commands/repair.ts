import { RepaveError } from "../../director/core/errors.ts";
import { chooseResolution, meltdown, planRepair, type RepairPlan } from "../../director/repair/plan-repair.ts";
import { type Problem, type Resolution, resolutions, resolutionSchema } from "../../director/repair/problems.ts";
import type { Command, CommandContext } from "../command.ts";
import { type Checked, checkEnvironment, healthText, onlyAbout, showProblems, warnOfMute } from "../day2/check.ts";
import { repairRequests } from "../day2/repair-requests.ts";
import { exitCode } from "../exit-codes.ts";
import { ask } from "../environment/ask.ts";
import { openSession, type Session } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { defineForce, plannedUpdate } from "../plan/planned-update.ts";
import { environmentArgument, instanceOption } from "../options.ts";

export const repair: Command = {
  define(command) {
    defineForce(command)
      .addArgument(environmentArgument())
      .addOption(instanceOption("only what is wrong with these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ"))
      .option("--auto", "resolve every problem as suggested, without asking")
      .option("--resolution <names...>", `use these where they are offered, and ignore the rest: ${resolutions.join(", ")}`)
      .option("--despite-meltdown", "replace VMs even if so many are down that the cause must be elsewhere");
  },
  async run([given], options, context) {
    const session = openSession(environmentName(given, context), context);
    const wishes = wishesOf(options["resolution"]);
    // Refuses while another run has the environment: a repair never fights an update.
    await prepareStack(session, context);
    const selectors = (options["instance"] as string[] | undefined) ?? [];
    const whole = await checkEnvironment(session);
    const checked = onlyAbout(whole, selectors);
    warnOfMute(context, checked.iaas);
    if (checked.problems.length === 0) {
      context.ui.info(healthText(checked.known, checked.ignored));
      if (context.ui.json) showProblems(context, [], checked.ignored);
      return exitCode.ok;
    }
    if (!context.ui.json) showProblems(context, checked.problems, checked.ignored);
    const suggested = Boolean(options["auto"]) || (wishes.length === 0 && (await ask(context, "Resolve each as suggested (the first of its resolutions)?")));
    if (!suggested && wishes.length === 0) throw new RepaveError("cli.refused", "Nothing was repaired", { hint: "answer y, or give --auto or --resolution NAME" });
    const plan = planRepair(checked.problems, (problem) => chooseResolution(problem, wishes, suggested));
    if (plan.recreate.length > 0 && !options["despiteMeltdown"]) refuseMeltdown(whole);
    const code = await carryOut(session, context, plan, checked, Boolean(options["force"]));
    if (code !== exitCode.ok) return code;
    return report(context, onlyAbout(await checkEnvironment(session), selectors), plan.ignored);
  },
};

function wishesOf(given: unknown): Resolution[] {
  return ((given as string[] | undefined) ?? []).map((name) => {
    const parsed = resolutionSchema.safeParse(name);
    if (!parsed.success) throw new RepaveError("cli.usage", `'${name}' is no resolution`, { hint: `one of ${resolutions.join(", ")}` });
    return parsed.data;
  });
}

function refuseMeltdown({ problems, known }: Checked): void {
  const found = meltdown(problems, known.length);
  if (found === undefined) return;
  throw new RepaveError("cli.meltdown", `${found.down} of ${found.instances} instances are down at once: nothing was repaired`, {
    details: found,
    hint: "look at the network and the IaaS first; --despite-meltdown replaces the VMs all the same",
  });
}

async function carryOut(session: Session, context: CommandContext, plan: RepairPlan, { iaas }: Checked, force: boolean): Promise<number> {
  if (plan.deleteVms.length + plan.deleteDisks.length + plan.deleteObjects.length > 0) context.task?.begin(session);
  for (const cid of plan.deleteVms) {
    await iaas.vms.find((vm) => vm.cid === cid)?.remove();
    context.task?.did({ object: cid, type: "VM", action: "delete", state: "done" });
    context.ui.info(`deleted VM ${cid}`);
  }
  for (const cid of plan.deleteDisks) {
    await iaas.disks.find((disk) => disk.cid === cid)?.remove();
    context.task?.did({ object: cid, type: "disk", action: "delete", state: "done" });
    context.ui.info(`deleted disk ${cid}`);
  }
  for (const stray of iaas.strays.filter(({ id }) => plan.deleteObjects.includes(id))) {
    await stray.remove();
    context.task?.did({ object: stray.id, type: "object", action: "delete", state: "done", text: `deleted ${stray.about}` });
    context.ui.info(`deleted ${stray.about} (${stray.id})`);
  }
  const config = repairRequests(plan);
  if (Object.keys(config).length === 0) return exitCode.ok;
  return plannedUpdate(session, context, { flags: ["--refresh"], config, force, mayHurt: true });
}

function report(context: CommandContext, { problems: left, ignored: alone }: Checked, ignored: readonly Problem[]): number {
  const same = (a: Problem, b: Problem) => a.kind === b.kind && a.subject === b.subject;
  const unexpected = left.filter((problem) => !ignored.some((other) => same(problem, other)));
  if (left.length > 0 || context.ui.json) showProblems(context, left, alone);
  context.ui.info(left.length === 0 ? "repaired: no problems are left" : `${left.length} left, ${left.length - unexpected.length} of them ignored`);
  return unexpected.length > 0 ? exitCode.error : exitCode.ok;
}
