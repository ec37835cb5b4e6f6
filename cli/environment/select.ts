import { RepaveError } from "../../director/core/errors.ts";
import { selectsInstance } from "../../director/update/repave-selection.ts";
import type { Session } from "./session.ts";
import { exportStack, instancesOf, type KnownInstance } from "./state.ts";

/** The instances that selectors mean; none given means all. A selector that means nothing is an error. */
export async function selectInstances(session: Session, selectors: readonly string[]): Promise<KnownInstance[]> {
  const known = instancesOf(await exportStack(session, { secrets: true }));
  for (const selector of selectors) {
    if (known.some((i) => selectsInstance([selector], { group: i.group, index: i.index, id: i.instanceId }))) continue;
    throw new RepaveError("cli.unknown-instance", `No instance of '${session.environment}' is selected by '${selector}'`, {
      details: { selector },
      hint: `known are ${known.map((i) => `${i.group}/${i.index}`).join(", ") || "none"}`,
    });
  }
  return selectors.length === 0 ? known : known.filter((i) => selectsInstance(selectors, { group: i.group, index: i.index, id: i.instanceId }));
}
