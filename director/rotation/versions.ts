import type { CredentialConfig } from "./record.ts";

/** Which versions of a credential exist now. */
export interface CredentialVersions {
  /** The version in use: that of a CA signs, that of a password is shown. */
  generation: number;
  /** The version that is trusted or accepted beside it, and not used. */
  alongside?: number;
}

/** The id of a deployment's variable: BOSH's absolute name without the Director's part. */
export function credentialId(deployment: string | undefined, variable: string): string {
  return deployment === undefined ? variable : `${deployment}/${variable}`;
}

/**
 * The versions that a credential must have in the phase its environment is in. A generation that the config gives to the bare
 * name counts for every deployment's variable of that name.
 */
export function versionsOf(id: string, variable: string, { generations, rotation }: CredentialConfig): CredentialVersions {
  const settled = generations[id] ?? generations[variable] ?? 0;
  const renewed = rotation?.renew[id];
  if (renewed !== undefined) return { generation: renewsNow(rotation!.phase, rotation!.aborting) ? renewed : settled };
  const ca = rotation?.cas[id];
  if (!ca) return { generation: settled };
  const { from, to } = ca;
  switch (rotation!.phase) {
    case "renew":
      return { generation: settled };
    case "add":
      return rotation!.aborting ? { generation: from } : { generation: from, alongside: to };
    case "resign":
      return rotation!.aborting ? { generation: from, alongside: to } : { generation: to, alongside: from };
    case "drop":
      return { generation: to };
  }
}

/** What needs no overlap is renewed last, so that an abort before leaves it untouched. */
function renewsNow(phase: string, aborting: boolean): boolean {
  return !aborting && (phase === "renew" || phase === "drop");
}

/**
 * Changes whenever the VMs' agents need credentials signed by another version of their CA; undefined while they have those
 * they were made with. An abort is a way of its own: an agent may have the new credentials although no state says so.
 */
export function agentEpoch(id: string, config: CredentialConfig): string | undefined {
  const { generation } = versionsOf(id, id, config);
  const ca = config.rotation?.aborting && config.rotation.phase === "resign" ? config.rotation.cas[id] : undefined;
  if (ca) return `${ca.from} after ${ca.to}`;
  return generation === 0 ? undefined : String(generation);
}
