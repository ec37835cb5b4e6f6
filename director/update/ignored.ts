import { z } from "zod";
import type { Selectable } from "../selectors.ts";

/** Instances that no update touches, as the stack's config keeps them (`repave:ignored`): `GROUP/ID`. */
export const ignoredConfigSchema = z.array(z.string().regex(/^[^\s/@]+\/[^\s/@]+$/, "an entry is GROUP/ID"));

export type IgnoredConfig = z.infer<typeof ignoredConfigSchema>;

export function isIgnored(config: IgnoredConfig, { group, id }: Pick<Selectable, "group" | "id">): boolean {
  return config.includes(`${group}/${id}`);
}

export function ignoredIds(config: IgnoredConfig): string[] {
  return config.map((entry) => entry.slice(entry.indexOf("/") + 1));
}

/** The entries after some instances are ignored, or are not any more. Those of instances that are gone are dropped. */
export function withIgnored(config: IgnoredConfig, known: readonly Selectable[], chosen: readonly Selectable[], ignore: boolean): IgnoredConfig {
  const ids = new Set(chosen.map((instance) => instance.id));
  return known.filter((instance) => (ids.has(instance.id) ? ignore : isIgnored(config, instance))).map((instance) => `${instance.group}/${instance.id}`).sort();
}
