import type { RepaveConfig } from "../../director/update/repave-selection.ts";
import type { Session } from "../environment/session.ts";
import { exportStack, instancesOf, type KnownInstance } from "../environment/state.ts";
import { ignoredOf } from "./ignored.ts";
import { observe } from "./observe.ts";

/** As long as a cloud check waits. */
const PATIENCE_MS = 10_000;

/** Of the instances that are to run, and that nobody has said to leave alone, those whose agents do not answer. */
export async function silentInstances(session: Session, meant: (instance: KnownInstance) => boolean = () => true): Promise<KnownInstance[]> {
  const known = instancesOf(await exportStack(session, { secrets: true })).filter((instance) => instance.state === undefined && meant(instance));
  const silent = (await observe(session, known, { patienceMs: PATIENCE_MS })).filter(({ state }) => state === undefined).map(({ instance }) => instance);
  if (silent.length === 0) return [];
  const ignored = await ignoredOf(session, silent);
  return silent.filter((instance) => !ignored.includes(instance));
}

/** Settings with which one run gives these a new VM, without a drain; none for none. */
export function fixSettings(silent: readonly KnownInstance[]): Record<string, string> {
  if (silent.length === 0) return {};
  return { "repave:fix": JSON.stringify({ before: new Date().toISOString(), selectors: silent.map((i) => `${i.group}/${i.instanceId}`) } satisfies RepaveConfig) };
}
