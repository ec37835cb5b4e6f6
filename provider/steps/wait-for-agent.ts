import { waitForAgent as wait } from "../agent/index.ts";
import type { Run } from "./run.ts";

export async function waitForAgent({ agent, operation, label }: Run): Promise<void> {
  operation.status(`${label} waiting for agent`);
  await wait(agent, { signal: operation.signal });
}
