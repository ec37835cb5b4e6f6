import { isDeepStrictEqual } from "node:util";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { decideRound, emptyMemory, remember, type WatchLimits, type WatchMemory, type WatchRound } from "../../director/repair/watch.ts";
import { withoutFindings } from "../../director/live-plan/index.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { FORCED } from "../environment/force.ts";
import type { Session } from "../environment/session.ts";
import { stackLocks } from "../environment/stack-lock.ts";
import { exportStack, instancesOf, type KnownInstance } from "../environment/state.ts";
import { prepareStack, runUpdate } from "../environment/update.ts";
import { planEnvironment, refuse } from "../plan/live.ts";
import { type Checked, checkEnvironment } from "./check.ts";
import { repairRequests } from "./repair-requests.ts";
import type { WatchLog } from "./watch-log.ts";

/** How a round ended: nothing to do, repaired, or something is left that a watch would repair and could not. */
export type RoundEnd = "healthy" | "repaired" | "skipped" | "refused" | "failed";

export interface WatchOptions {
  limits: WatchLimits;
  /** Repair even if the program asks for more than is deployed, which is deployed along. */
  withChanges: boolean;
  /** Whether lost VMs of this instance are made anew. */
  covers(instance: KnownInstance): boolean;
}

/** The rounds of a watch over one environment. A round never throws: what fails in it is said, and the next one tries again. */
export class Watch {
  readonly #session: Session;
  readonly #context: CommandContext;
  readonly #log: WatchLog;
  readonly #options: WatchOptions;
  #memory: WatchMemory = emptyMemory;

  constructor(session: Session, context: CommandContext, log: WatchLog, options: WatchOptions) {
    this.#session = session;
    this.#context = context;
    this.#log = log;
    this.#options = options;
  }

  async round(): Promise<RoundEnd> {
    try {
      return await this.#round();
    } catch (error) {
      if (error instanceof RepaveError && error.code === "state.locked") return this.#busy(error.message);
      this.#log.sayOnce({ event: "failed", text: `this round failed: ${messageOf(error)}`, error: messageOf(error) });
      return "failed";
    } finally {
      this.#log.endRound();
    }
  }

  async #round(): Promise<RoundEnd> {
    const holder = stackLocks(this.#session).find((lock) => !lock.gone);
    if (holder) return this.#busy(`'${this.#session.environment}' is being changed by ${holder.username}@${holder.hostname}, process ${holder.pid}, since ${holder.timestamp}`);
    const checked = await checkEnvironment(this.#session);
    for (const why of checked.iaas.mute) this.#log.sayOnce({ event: "mute", text: `${why}: only agents are asked`, why });
    const now = Date.now();
    const watched = new Set(checked.known.filter((i) => this.#options.covers(i)).map((i) => `${i.group}/${i.instanceId}`));
    const problems = checked.problems.filter((problem) => problem.selector === undefined || watched.has(problem.selector));
    const round = decideRound(problems, checked.known.length, this.#memory, { now, limits: this.#options.limits });
    const end = await this.#act(round, checked);
    this.#memory = remember(this.#memory, problems, { now, done: end === "repaired" || end === "failed" ? round : { recreate: [], restart: [] } });
    return end;
  }

  async #act(round: WatchRound, checked: Checked): Promise<RoundEnd> {
    for (const { problem, why } of round.left) {
      const { kind, subject, detail } = problem;
      // Its seconds differ in every round, the rest does not.
      this.#log.sayOnce({ event: "problem", text: `${subject}: ${kind}, ${detail}; ${why.replace(/; again in \d+ s$/, "; again later")}`, kind, subject, detail });
    }
    if (round.meltdown) {
      const { down, instances } = round.meltdown;
      this.#log.sayOnce({ event: "meltdown", text: `${down} of ${instances} instances are down at once: nothing is repaired; look at the network and the IaaS, then: repave repair --despite-meltdown`, down, instances });
      return "refused";
    }
    if (checked.ignored.length > 0) {
      const names = checked.ignored.map((i) => `${i.group}/${i.index}`);
      this.#log.sayOnce({ event: "ignored", text: `left alone, for they are ignored: ${names.join(", ")}`, instances: names });
    }
    const { recreate, restart } = round;
    if (recreate.length + restart.length === 0) {
      if (round.left.length === 0) this.#log.sayOnce({ event: "healthy", text: `all well: ${checked.known.length} instances`, instances: checked.known.length });
      return round.left.length === 0 ? "healthy" : "skipped";
    }
    return this.#repair(round, checked);
  }

  async #repair({ recreate, restart }: WatchRound, { known }: Checked): Promise<RoundEnd> {
    const labels = (selectors: readonly string[]) => known.filter((i) => selectors.includes(`${i.group}/${i.instanceId}`)).map((i) => `${i.group}/${i.index}`);
    // Refuses while another run has the environment.
    await prepareStack(this.#session, this.#context);
    if (!isDeepStrictEqual(footprint(known), footprint(instancesOf(await exportStack(this.#session, { secrets: true }))))) {
      this.#log.say({ event: "changed", text: "the environment was changed meanwhile: looking again" });
      return "skipped";
    }
    if (!this.#options.withChanges && (await this.#hasChanges())) {
      this.#log.sayOnce({ event: "undeployed", text: "the program asks for changes that nobody has deployed: nothing is repaired; next: repave preview, repave up", recreate: labels(recreate), restart: labels(restart) });
      return "refused";
    }
    if (this.#context.signal.aborted) return "skipped";
    const what = [...(recreate.length > 0 ? [`new VM for ${labels(recreate).join(", ")}`] : []), ...(restart.length > 0 ? [`jobs again on ${labels(restart).join(", ")}`] : [])].join("; ");
    this.#log.say({ event: "repairing", text: what, recreate: labels(recreate), restart: labels(restart) });
    // Without a refresh: that would find every dead VM, and so make anew more of them than were chosen.
    const config = repairRequests({ recreate, restart });
    if (this.#options.withChanges) await this.#refuseChanges(config);
    const code = await runUpdate(this.#session, this.#context, { verb: "up", config, env: FORCED });
    if (code === exitCode.ok) this.#log.say({ event: "repaired", text: `done: ${what}`, recreate: labels(recreate), restart: labels(restart) });
    else this.#log.say({ event: "failed", text: `not done (exit code ${code}): ${what}`, code, recreate: labels(recreate), restart: labels(restart) });
    return code === exitCode.ok ? "repaired" : "failed";
  }

  /** What is deployed along with a repair must not take a VM that its group forbids to take; the repair itself takes none. */
  async #refuseChanges(config: Record<string, string>): Promise<void> {
    const planned = await planEnvironment(this.#session, this.#context, { settings: config });
    refuse(this.#session, { ...planned, live: withoutFindings(planned.live) });
  }

  /** Whether the program as it is now would change anything, dead VMs aside: those the state takes for alive. */
  async #hasChanges(): Promise<boolean> {
    const code = await runUpdate(this.#session, this.#context, { verb: "preview", flags: ["--expect-no-changes"] });
    if (code !== exitCode.ok && code !== exitCode.changesFound) throw new RepaveError("state.preview", `The preview of '${this.#session.environment}' failed with exit code ${code}`, { hint: `repave preview ${this.#session.environment}` });
    return code === exitCode.changesFound;
  }

  #busy(text: string): RoundEnd {
    this.#log.sayOnce({ event: "busy", text: `waiting: ${text}` });
    return "skipped";
  }
}

/** What tells whether somebody has changed an instance. */
function footprint(known: readonly KnownInstance[]): string[] {
  return known.map(({ urn, vmCid, updatedAt, failed }) => `${urn} ${vmCid} ${updatedAt} ${failed}`);
}
