import { setTimeout as sleep } from "node:timers/promises";
import { RepaveError } from "../../director/core/errors.ts";
import { isRunningTask, PROTOCOL_VERSION } from "../../director/protocol/index.ts";
import { rpcResponseSchema } from "../../director/protocol/schemas.ts";
import { type AgentConnection, readAll } from "./connection.ts";
import { agentError, type CallContext, TransportError } from "./errors.ts";

export const REQUEST_TIMEOUT_MS = 45_000;

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5000;
const FIRST_POLL_MS = 25;
const MAX_POLL_MS = 1000;
const MAX_REPEATS = 3;

export interface StepOptions {
  context: CallContext;
  signal: AbortSignal | undefined;
  /** The whole step ends with an error after this time. */
  deadlineMs: number;
  /** Whether the step may run twice: then a lost answer or a lost task is asked for again. */
  repeatable: boolean;
  /** Per request; default 45 s. */
  requestTimeoutMs?: number;
}

interface Running extends StepOptions {
  until: number;
}

/** Calls an action that answers at once. */
export function callNow(connection: AgentConnection, method: string, args: unknown[], options: StepOptions): Promise<unknown> {
  return send(connection, method, args, { ...options, until: Date.now() + options.deadlineMs });
}

/** Calls an action that becomes a task, and waits for its result. A task lost with its agent is started again. */
export async function callTask(connection: AgentConnection, method: string, args: unknown[], options: StepOptions): Promise<unknown> {
  const step: Running = { ...options, until: Date.now() + options.deadlineMs };
  for (let repeat = 0; ; repeat += 1) {
    const answer = await send(connection, method, args, step);
    if (!isRunningTask(answer)) return answer;
    const outcome = await followTask(connection, answer.agent_task_id, step);
    if ("value" in outcome) return outcome.value;
    if (!options.repeatable || repeat >= MAX_REPEATS) {
      throw agentError("agent.lost-task", step.context, "the agent started anew and lost the task", {
        hint: options.repeatable ? "its log may tell why it keeps ending" : "look whether the step took effect before it is repeated",
      });
    }
  }
}

/** Waits for a task by its id, also over a restart of the agent; `lost` if the agent does not know it. */
export async function followTask(connection: AgentConnection, id: string, step: StepOptions & { until?: number }): Promise<{ value: unknown } | { lost: true }> {
  const running: Running = { ...step, repeatable: true, until: step.until ?? Date.now() + step.deadlineMs };
  for (let wait = FIRST_POLL_MS; ; wait = Math.min(MAX_POLL_MS, wait * 1.5)) {
    try {
      await pause(wait, running, `the task takes longer than ${running.deadlineMs / 1000} s`);
      const value = await send(connection, "get_task", [id], running);
      if (!isRunningTask(value)) return { value };
    } catch (error) {
      const gaveUp = step.signal?.aborted || (error instanceof RepaveError && error.code === "agent.timeout");
      if (gaveUp) await cancelTask(connection, id, step.context);
      if (error instanceof RepaveError && error.details.exception && /could not be found$/.test(String(error.details.exception))) return { lost: true };
      throw error;
    }
  }
}

/** Asks a drain or an errand to end; the others go on, and their result is not awaited. */
async function cancelTask(connection: AgentConnection, id: string, context: CallContext): Promise<void> {
  const options = { context, signal: undefined, deadlineMs: 5000, repeatable: true, requestTimeoutMs: 5000 };
  await callNow(connection, "cancel_task", [id], options).catch(() => undefined);
}

async function send(connection: AgentConnection, method: string, args: unknown[], step: Running): Promise<unknown> {
  const body = JSON.stringify({ protocol: PROTOCOL_VERSION, method, arguments: args, reply_to: "repave" });
  for (let backoff = FIRST_BACKOFF_MS; ; backoff = Math.min(MAX_BACKOFF_MS, backoff * 2)) {
    try {
      const timeoutMs = Math.max(1, Math.min(step.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, step.until - Date.now()));
      const text = await connection.exchange(
        { method: "POST", path: "/agent", body: () => body, timeoutMs, signal: step.signal, context: step.context },
        async (response) => (await readAll(response)).toString("utf8"),
      );
      return valueOf(text, step.context);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.maybeReceived && !step.repeatable) {
        throw agentError("agent.no-answer", step.context, `${error.message}; the agent may have begun it, and it must not run twice`, { cause: error });
      }
      await pause(backoff, step, `the agent can't be reached: ${error.message}`, error);
    }
  }
}

function valueOf(text: string, context: CallContext): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw agentError("agent.protocol", context, "the answer is not JSON");
  }
  const response = rpcResponseSchema.safeParse(parsed);
  if (!response.success) throw agentError("agent.protocol", context, "the answer has neither a value nor an exception");
  if ("exception" in response.data) {
    const { message } = response.data.exception;
    throw agentError("agent.failed", context, shorten(message), { details: { exception: message } });
  }
  return response.data.value;
}

/** The agent's own wrapping says nothing that the error does not. */
function shorten(message: string): string {
  return message.replace(/^Action Failed \w+: /, "").replace(/^Task [\w-]+ result: /, "");
}

async function pause(milliseconds: number, step: Running, text: string, cause?: unknown): Promise<void> {
  if (Date.now() + milliseconds > step.until) {
    throw agentError(cause === undefined ? "agent.timeout" : "agent.unreachable", step.context, text, { cause });
  }
  await sleep(milliseconds, undefined, { signal: step.signal }).catch((error: unknown) => {
    step.signal?.throwIfAborted();
    throw error;
  });
}
