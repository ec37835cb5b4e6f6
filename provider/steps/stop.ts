import { messageOf } from "../../director/core/errors.ts";
import type { Run } from "./run.ts";

/** Stops the processes. Like the Director, goes on when some don't stop in time. */
export async function stop({ agent, operation, label }: Run): Promise<void> {
  operation.status(`${label} stopping jobs`);
  try {
    await agent.stop();
  } catch (error) {
    if (!messageOf(error).includes("Timed out waiting for service")) throw error;
    operation.warn(`${label}: ${messageOf(error)}`);
  }
}
