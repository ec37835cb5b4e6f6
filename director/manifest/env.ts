import type { Json, JsonObject } from "../spec/deployment.ts";
import { isHash } from "../spec/read.ts";
import type { ManifestContext } from "./context.ts";

/** A group's `env` with what features and options put into it, where the manifest does not say otherwise. */
export function groupEnv(given: JsonObject, context: Pick<ManifestContext, "features" | "removeDevTools">): JsonObject {
  let env = given;
  if (context.removeDevTools) env = withDefault(env, ["bosh", "remove_dev_tools"], true);
  const { useTmpfsConfig } = context.features;
  if (useTmpfsConfig !== undefined) {
    env = withDefault(env, ["bosh", "job_dir", "tmpfs"], useTmpfsConfig);
    env = withDefault(env, ["bosh", "agent", "settings", "tmpfs"], useTmpfsConfig);
  }
  return env;
}

function withDefault(tree: JsonObject, [key, ...rest]: readonly string[], value: Json): JsonObject {
  const here = tree[key!];
  if (rest.length === 0) return here === undefined ? { ...tree, [key!]: value } : tree;
  return { ...tree, [key!]: withDefault(isHash(here) ? (here as JsonObject) : {}, rest, value) };
}
