import { RepaveError } from "../core/errors.ts";
import type { CredentialConfig, Generations, Rotation, RotationPhase } from "./record.ts";

/** What comes after an update in the present phase went through to its end. */
export type Advance = { done: false; rotation: Rotation } | { done: true; generations: Generations };

/** The state after a phase: its update must have ended well everywhere, for the next phase rests on that. */
export function advance({ generations, rotation }: CredentialConfig & { rotation: Rotation }): Advance {
  const next = nextPhase(rotation);
  if (next !== undefined) return { done: false, rotation: { ...rotation, phase: next } };
  const cas = Object.fromEntries(Object.entries(rotation.cas).map(([id, { from, to }]) => [id, rotation.aborting ? from : to]));
  const settled = { ...generations, ...cas, ...(rotation.aborting ? {} : rotation.renew) };
  return { done: true, generations: Object.fromEntries(Object.entries(settled).filter(([id, generation]) => generation > 0 || id in generations)) };
}

function nextPhase({ phase, aborting }: Rotation): RotationPhase | undefined {
  switch (phase) {
    case "add":
      return aborting ? undefined : "resign";
    case "resign":
      return aborting ? "add" : "drop";
    case "renew":
    case "drop":
      return undefined;
  }
}

/** Turns a rotation back to the old CAs. Asked again it changes nothing. @throws RepaveError `credential.no-way-back`. */
export function abort(rotation: Rotation): Rotation {
  if (rotation.aborting) return rotation;
  if (rotation.phase === "renew") {
    throw new RepaveError("credential.no-way-back", "What is renewed in one phase cannot be taken back: the old values are no longer kept", {
      hint: "go on with 'repave rotate'",
    });
  }
  if (rotation.phase === "drop") {
    throw new RepaveError("credential.no-way-back", `The new version of ${Object.keys(rotation.cas).join(", ")} is in use everywhere, and the old one is being dropped`, {
      hint: "go on with 'repave rotate'; then rotate again if the new one is no good",
    });
  }
  return { ...rotation, aborting: true };
}

function canTurnBack({ phase }: Rotation): boolean {
  return phase === "add" || phase === "resign";
}

/** Whether a request means the rotation under way; without one of its own it does. @throws RepaveError `credential.rotating`. */
export function goesOn(rotation: Rotation, asked: readonly string[]): void {
  if (rotation.aborting) {
    throw new RepaveError("credential.rotating", `A rotation of ${rotation.asked.join(", ")} is being aborted`, { hint: "go on with 'repave rotate --abort'" });
  }
  if (asked.length === 0 || [...asked].sort().join("\n") === [...rotation.asked].sort().join("\n")) return;
  throw new RepaveError("credential.rotating", `A rotation of ${rotation.asked.join(", ")} is under way since ${rotation.startedAt}`, {
    hint: `go on with 'repave rotate'${canTurnBack(rotation) ? ", or turn back with 'repave rotate --abort'" : ""}; then rotate the rest`,
  });
}
