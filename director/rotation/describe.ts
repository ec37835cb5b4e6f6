import type { Rotation } from "./record.ts";

/** One line on the phase that a rotation is in: which it is, of how many, and what it does. */
export function describePhase(rotation: Rotation): string {
  const cas = Object.keys(rotation.cas).join(", ");
  const others = Object.keys(rotation.renew).join(", ");
  const also = others === "" ? "" : `; new values for ${others}`;
  switch (rotation.phase) {
    case "renew":
      return `new values for ${others}`;
    case "add":
      return rotation.aborting ? `going back, the last step: the new version of ${cas} is dropped` : `phase 1 of 3: a new version of ${cas} is trusted beside the old one, which stays in use`;
    case "resign":
      return rotation.aborting ? `going back: the old version of ${cas} is in use again, both are trusted` : `phase 2 of 3: the new version of ${cas} is in use, both are trusted`;
    case "drop":
      return `phase 3 of 3: the old version of ${cas} is dropped${also}`;
  }
}

/** What a credential's row says about the rotation under way; empty when it is in none. */
export function phaseOf(id: string, signedBy: string | undefined, rotation: Rotation | undefined): string {
  if (!rotation) return "";
  const back = rotation.aborting ? ", going back" : "";
  if (id in rotation.cas) return { renew: "", add: `two versions, the old in use${back}`, resign: `two versions, the ${rotation.aborting ? "old" : "new"} in use${back}`, drop: "old version going" }[rotation.phase];
  if (id in rotation.renew) return rotation.phase === "renew" || rotation.phase === "drop" ? "being renewed" : "to be renewed";
  return signedBy !== undefined && signedBy in rotation.cas && rotation.phase === "resign" ? `being signed anew${back}` : "";
}
