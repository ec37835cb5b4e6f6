import { z } from "zod";
import { type Generation, generationSchema } from "../../director/rollout/generations.ts";
import { token } from "../../provider/resources/tokens.ts";
import { resourcesOf, type StackExport } from "./state.ts";

const RECORD = token("DeployedManifest");

/** What a state keeps of each deployment's successful updates, newest first, by component. Needs an export with secrets. */
export function generationsOf(stack: StackExport): Map<string, Generation[]> {
  const found = resourcesOf(stack, [RECORD]).map(({ outputs }) => [String(outputs["component"]), z.array(generationSchema).parse(outputs["generations"])] as const);
  return new Map(found);
}

/** Digest of the manifest that each deployment was last deployed with. Needs no secrets. */
export function digestsOf(stack: StackExport): Record<string, string> {
  return Object.fromEntries(resourcesOf(stack, [RECORD]).map(({ outputs }) => [String(outputs["component"]), String(outputs["digest"])]));
}
