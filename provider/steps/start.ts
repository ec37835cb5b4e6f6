import { waitForRunning } from "../agent/index.ts";
import type { Run } from "./run.ts";

export async function start({ agent, operation, label }: Run): Promise<void> {
  operation.status(`${label} starting jobs`);
  await agent.start();
}

/** Waits as the group's watch time says until every process runs. */
export async function watch({ agent, instance, operation, label }: Run): Promise<void> {
  operation.status(`${label} waiting until running${instance.canary ? " (canary)" : ""}`);
  await waitForRunning(agent, instance.watchTime, {
    signal: operation.signal,
    onState: (state) => {
      const processes = state.processes ?? [];
      const running = processes.filter((p) => p.state === "running").length;
      operation.status(`${label} waiting until running, ${running}/${processes.length}`);
    },
  });
}
