import path from "node:path";
import { readdir } from "node:fs/promises";
import { localIaasOf } from "../../provider/local-environments.ts";
import type { Session } from "./session.ts";

/** Name of the local environment of a session, as `localIaas()` makes it from project and stack. */
export function localEnvironmentOf(session: Session): string {
  return `${session.project.name}-${session.environment}`;
}

/** Removes what a cut-off run may have left of the local IaaS after the state is empty. */
export async function removeLocalTraces(session: Session): Promise<void> {
  const folder = path.join(session.home, "local");
  if ((await readdir(folder).catch(() => [])).length === 0) return;
  await localIaasOf(session.home, localEnvironmentOf(session)).destroy();
}
