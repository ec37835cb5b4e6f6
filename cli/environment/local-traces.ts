import path from "node:path";
import { readdir, rm } from "node:fs/promises";
import { localIaasOf } from "../../provider/local-environments.ts";
import { fileBackend, type Session } from "./session.ts";

/** Name of the local environment of a session, as `localIaas()` makes it from project and stack. */
export function localEnvironmentOf(session: Session): string {
  return `${session.project.name}-${session.environment}`;
}

/** Removes the engine's backups and history of an environment that is gone: they hold its (encrypted) secrets. */
export async function forgetStack(session: Session): Promise<void> {
  const backend = fileBackend(session);
  if (backend === undefined) return;
  for (const kind of ["backups", "history", "stacks", "state-log"]) {
    for (const name of await readdir(path.join(backend, kind, session.project.name)).catch(() => [])) {
      if (name === session.environment || name.startsWith(`${session.environment}.json`)) await rm(path.join(backend, kind, session.project.name, name), { recursive: true, force: true });
    }
  }
}

/** Removes what a cut-off run may have left of the local IaaS after the state is empty: all of it, or all but disks. */
export async function removeLocalTraces(session: Session, options: { keepDisks?: boolean } = {}): Promise<void> {
  const folder = path.join(session.home, "local");
  if ((await readdir(folder).catch(() => [])).length === 0) return;
  await localIaasOf(session.home, localEnvironmentOf(session)).destroy(options);
}
