import { RepaveError } from "../core/errors.ts";
import type { CredentialSpec } from "./credential.ts";
import type { Generations, Rotation } from "./record.ts";
import { versionsOf } from "./versions.ts";

export interface RotationRequest {
  /** Ids, or variables' names where only one deployment has them. */
  names: readonly string[];
  /** Everything that can be rotated. */
  all?: boolean;
  /** ISO 8601: every certificate that expires before. */
  expiringBefore?: string;
}

export interface RotationStart {
  /** Undefined when nothing is to be rotated. */
  rotation: Rotation | undefined;
  /** What `all` or `expiringBefore` left out, and why. */
  left: { id: string; reason: string }[];
  /** Ids of what is asked for now and gets its new value with the next stemcells. */
  waiting: string[];
}

interface StartInput {
  credentials: readonly CredentialSpec[];
  generations: Generations;
  request: RotationRequest;
  /** What the operator typed, to know the command again. */
  asked: readonly string[];
  /** ISO 8601. */
  now: string;
}

/**
 * Begins a rotation. A CA takes all CAs below it along, and what it signs is signed anew in its second phase. A password that is
 * accepted in two versions goes the same way: accepted, then shown, then the old one refused.
 *
 * @throws RepaveError `credential.unknown`, `credential.ambiguous`, `credential.absolute`, `credential.fixed-ca`.
 */
export function startRotation({ credentials, generations, request, asked, now }: StartInput): RotationStart {
  const left: RotationStart["left"] = [];
  const chosen = new Map<string, CredentialSpec>();
  for (const name of request.names) {
    const credential = find(name, credentials);
    const reason = whyFixed(credential, credentials);
    if (reason !== undefined) throw new RepaveError("credential.fixed-ca", `The CA '${credential.id}' cannot be rotated: ${reason.text}`, { hint: reason.hint });
    chosen.set(credential.id, credential);
  }
  for (const credential of credentials) {
    const expires = request.expiringBefore !== undefined && credential.expiresAt !== undefined && credential.expiresAt < request.expiringBefore;
    if (chosen.has(credential.id) || !(request.all || expires)) continue;
    const reason = whyFixed(credential, credentials);
    if (reason === undefined) chosen.set(credential.id, credential);
    else left.push({ id: credential.id, reason: reason.text });
  }
  const cas = withCasBelow([...chosen.values()].filter((c) => c.isCa), credentials);
  const overlapping = [...cas, ...[...chosen.values()].filter((c) => c.overlaps)];
  const resigned = new Set(cas.map((ca) => ca.id));
  const generationOf = (c: CredentialSpec) => versionsOf(c.id, c.variable, { generations, rotation: undefined }).generation;
  const renew = [...chosen.values()].filter((c) => !c.isCa && !c.overlaps && !resigned.has(c.signedBy ?? ""));
  if (overlapping.length + renew.length === 0) return { rotation: undefined, left, waiting: [] };
  return {
    left,
    waiting: renew.filter((c) => c.waits).map((c) => c.id),
    rotation: {
      asked: [...asked],
      startedAt: now,
      phase: overlapping.length > 0 ? "add" : "renew",
      aborting: false,
      cas: Object.fromEntries(overlapping.map((c) => [c.id, { from: generationOf(c), to: generationOf(c) + 1 }])),
      renew: Object.fromEntries(renew.map((c) => [c.id, generationOf(c) + 1])),
    },
  };
}

function find(name: string, credentials: readonly CredentialSpec[]): CredentialSpec {
  const exact = credentials.find((c) => c.id === name);
  if (exact) return exact;
  if (name.startsWith("/")) {
    throw new RepaveError("credential.absolute", `'${name}' is an absolute name: no deployment of this environment generates it`, {
      hint: "give its new value with 'vars' where it comes from, and run 'repave up'",
    });
  }
  const same = credentials.filter((c) => c.variable === name);
  if (same.length === 1) return same[0]!;
  if (same.length > 1) {
    throw new RepaveError("credential.ambiguous", `${same.length} deployments have a variable '${name}'`, { hint: `say which: ${same.map((c) => c.id).join(", ")}` });
  }
  throw new RepaveError("credential.unknown", `This environment generates no credential '${name}'`, {
    details: { name },
    hint: "'repave credentials' lists them; a value given with 'vars' is changed where it is given",
  });
}

/** Why nobody but its owner can say when the leaves of a CA are signed anew; undefined when that is us. */
function whyFixed(ca: CredentialSpec, credentials: readonly CredentialSpec[]): { text: string; hint: string } | undefined {
  if (!ca.isCa || ca.signsAgents) return undefined;
  if (ca.keyUsedBy.length > 0) {
    return { text: `${ca.keyUsedBy.join(", ")} signs with its key, and what it signed is no variable`, hint: "rotate it as that job's documentation says" };
  }
  if (!credentials.some((c) => c.signedBy === ca.id)) {
    return { text: "no variable is signed by it, so nothing says who relies on it", hint: "name it in the option 'ca' of the certificates that it signs" };
  }
  const below = credentials.filter((c) => c.signedBy === ca.id && c.isCa).map((c) => ({ c, why: whyFixed(c, credentials) })).find(({ why }) => why);
  return below && { text: `it signs the CA '${below.c.id}', which cannot be rotated: ${below.why!.text}`, hint: below.why!.hint };
}

function withCasBelow(chosen: readonly CredentialSpec[], credentials: readonly CredentialSpec[]): CredentialSpec[] {
  const ids = new Set(chosen.map((c) => c.id));
  for (let size = -1; size !== ids.size; ) {
    size = ids.size;
    for (const c of credentials) if (c.isCa && ids.has(c.signedBy ?? "")) ids.add(c.id);
  }
  return credentials.filter((c) => ids.has(c.id));
}
