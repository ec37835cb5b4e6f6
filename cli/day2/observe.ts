import type { AgentState } from "../../director/protocol/index.ts";
import { openAgent } from "../../provider/agents.ts";
import type { Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";

export interface Observed {
  instance: KnownInstance;
  /** What its agent says; undefined when it does not answer, or there is no VM to ask. */
  state: AgentState | undefined;
}

const PATIENCE_MS = 5_000;

/** Asks the agents of instances at once. */
export function observe(session: Session, instances: readonly KnownInstance[], options: { patienceMs?: number } = {}): Promise<Observed[]> {
  return Promise.all(instances.map(async (instance) => ({ instance, state: await askAgent(session, instance, options.patienceMs ?? PATIENCE_MS) })));
}

async function askAgent(session: Session, instance: KnownInstance, patienceMs: number): Promise<AgentState | undefined> {
  if (instance.state === "detached") return undefined;
  const agent = openAgent(session.home, instance.access, `${instance.group}/${instance.index}`);
  try {
    return await agent.getState({ full: true, deadline: patienceMs });
  } catch {
    return undefined;
  } finally {
    agent.close();
  }
}

/** Not as its operator wants it: its last update failed, or it should run and does not. */
export function isFailing({ instance, state }: Observed): boolean {
  return instance.failed || (instance.state === undefined && state?.job_state !== "running");
}
