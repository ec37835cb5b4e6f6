import { setTimeout as sleep } from "node:timers/promises";
import { RepaveError } from "../../director/core/errors.ts";
import { agentError } from "./errors.ts";
import type { StepOptions } from "./rpc.ts";

const POLL_MS = 250;

/**
 * Waits for the result of an `update_settings` that changes password or certificate, asking with the new ones. Until the
 * agent listens anew, its old self refuses the new password and shows the old certificate.
 */
export async function followRotation(ask: () => Promise<unknown>, step: Omit<StepOptions, "repeatable">): Promise<void> {
  const until = Date.now() + step.deadlineMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      if ((await ask()) === "ok") return;
    } catch (error) {
      step.signal?.throwIfAborted();
      if (!(error instanceof RepaveError) || !/^agent\.(unauthorized|certificate|unreachable|timeout)$/.test(error.code)) throw error;
      last = error;
    }
    await sleep(POLL_MS, undefined, { signal: step.signal }).catch(() => step.signal?.throwIfAborted());
  }
  throw agentError("agent.timeout", step.context, "the agent did not come back with its new settings", {
    hint: "it may still listen with the old ones, or not accept the new pair",
    cause: last,
  });
}
