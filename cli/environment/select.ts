import { chooseInstances } from "../../director/selectors.ts";
import type { Session } from "./session.ts";
import { exportStack, instancesOf, type KnownInstance } from "./state.ts";

/** The instances that selectors mean; none given means all. A selector that means nothing is an error. */
export async function selectInstances(session: Session, selectors: readonly string[]): Promise<KnownInstance[]> {
  return chooseKnown(instancesOf(await exportStack(session, { secrets: true })), selectors);
}

export function chooseKnown(known: readonly KnownInstance[], selectors: readonly string[]): KnownInstance[] {
  return chooseInstances(known.map((instance) => ({ group: instance.group, index: instance.index, id: instance.instanceId, az: instance.az, instance })), selectors).map((chosen) => chosen.instance);
}
