import { z } from "zod";

/** A repave or a restart as the stack's config keeps it (`repave:repave`, `repave:restart`). */
export const repaveConfigSchema = z.object({
  /** ISO 8601: VMs made, or jobs started, before it are meant. */
  before: z.iso.datetime(),
  /** As `director/selectors.ts` reads them. */
  selectors: z.array(z.string().min(1)).min(1).default(["*"]),
});

export type RepaveConfig = z.infer<typeof repaveConfigSchema>;
