import { setTimeout as sleep } from "node:timers/promises";
import { RepaveError } from "../../director/core/errors.ts";
import type { AgentState } from "../../director/protocol/index.ts";
import type { AgentClient } from "./client.ts";
import { agentError } from "./errors.ts";
import { formatTails } from "./log-tails.ts";
import { Steadiness } from "./steadiness.ts";

// Long enough for a TLS handshake while a hundred VMs boot on the same processors.
const PING_MS = 5000;

/** Waits until the agent answers: a ping every half second, for ten minutes. Wrong certificates and passwords end it at once. */
export async function waitForAgent(agent: AgentClient, options: { signal?: AbortSignal; deadline?: number; interval?: number } = {}): Promise<void> {
  const { signal, deadline = 10 * 60_000, interval = 500 } = options;
  const until = Date.now() + deadline;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await agent.ping({ signal, deadline: Math.min(PING_MS, Math.max(1, until - Date.now())), timeout: PING_MS });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof RepaveError) || error.code !== "agent.unreachable") throw error;
      if (Date.now() >= until) {
        throw agentError("agent.unreachable", { instance: agent.instance, step: "wait for the agent" }, `no answer within ${deadline / 1000} s`, {
          hint: "look at the VM's console; an agent that can't use its settings starts over and over",
          cause: error,
        });
      }
    }
    // The first answers of a fresh VM come within a fraction of a second.
    await sleep(attempt < 20 ? Math.min(50, interval) : interval, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** When to look for running processes, as a manifest's watch time says. Milliseconds. */
export interface WatchTime {
  min: number;
  max: number;
}

/** How the Director spreads its looks: the wait before the first, and how many of which distance follow. */
export function watchSchedule({ min, max }: WatchTime): { first: number; step: number; further: number } {
  const delta = Math.max(0, max - min);
  const step = Math.min(15_000, Math.max(1000, delta / 9));
  return { first: min, step, further: Math.floor(delta / step) };
}

// Good answers are asked for again soon: a healthy instance is not held up by the pauses meant for slow ones.
const AGAIN_MS = 700;

/**
 * Waits `min`, then looks until the instance is healthy, which takes several good answers in a row, or `max` is over. The error names
 * the processes that don't run or don't stay up, and carries the last lines of their jobs' logs.
 */
export async function waitForRunning(
  agent: AgentClient,
  watchTime: WatchTime,
  options: { signal?: AbortSignal; onState?: (state: AgentState) => void } = {},
): Promise<AgentState> {
  const { signal, onState } = options;
  const { first, step } = watchSchedule(watchTime);
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
  const steadiness = new Steadiness();
  let state: AgentState | undefined;
  let problem: unknown;
  await pause(first);
  for (let waited = first; ; ) {
    try {
      state = await agent.getState({ signal, deadline: 15_000 });
      problem = undefined;
      onState?.(state);
      if (steadiness.add(state)) return state;
    } catch (error) {
      signal?.throwIfAborted();
      steadiness.miss();
      problem = error;
    }
    const next = steadiness.good > 0 ? AGAIN_MS : step;
    // One that looks well when its time is over may still prove it.
    if (steadiness.good === 0 && waited + next > watchTime.max) throw await notRunning(agent, state, { restarted: steadiness.restarted, problem }, signal);
    waited += next;
    await pause(next);
  }
}

async function notRunning(agent: AgentClient, state: AgentState | undefined, { restarted, problem }: { restarted: readonly string[]; problem: unknown }, signal: AbortSignal | undefined): Promise<RepaveError> {
  const context = { instance: agent.instance, step: "wait until running" };
  if (state === undefined) return agentError("agent.not-running", context, "the agent tells no state", { cause: problem });
  const failing = (state.processes ?? []).filter((process) => process.state !== "running").map((process) => process.name);
  const jobs = (state.job.templates ?? []).map((template) => template.name);
  const tails = await agent.logTails(jobs.map((job) => `${job}/*.log`), { signal, deadline: 10_000 }).catch(() => ({}));
  const logs = Object.keys(tails).length > 0 ? `\n${formatTails(tails)}` : "";
  const flapping = restarted.length > 0 ? `; started again and again: ${restarted.join(", ")}` : "";
  return agentError("agent.not-running", context, `it is '${state.job_state}' after the update; processes not running: ${failing.join(", ") || "none"}${flapping}${logs}`, {
    details: { jobState: state.job_state, failing, restarted, jobs, logs: tails },
    hint: `review the logs of the failed jobs: repave logs ${agent.instance}`,
    cause: problem,
  });
}
