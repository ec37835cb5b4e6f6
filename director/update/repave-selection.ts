import { z } from "zod";

/** A repave as the stack's config keeps it (`repave:repave`). */
export const repaveConfigSchema = z.object({
  /** ISO 8601: VMs made before it are replaced. */
  before: z.iso.datetime(),
  /** `*`, `GROUP`, `GROUP/INDEX` or `GROUP/ID`. */
  selectors: z.array(z.string().min(1)).min(1).default(["*"]),
});

export type RepaveConfig = z.infer<typeof repaveConfigSchema>;

/** Whether any of the selectors means this instance. */
export function selectsInstance(selectors: readonly string[], { group, index, id }: { group: string; index: number; id: string }): boolean {
  return selectors.some((s) => s === "*" || s === group || s === `${group}/${index}` || s === `${group}/${id}`);
}
