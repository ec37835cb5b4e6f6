import { z } from "zod";

const generation = z.number().int().min(0);

/** Where a rotation is. `renew` alone is for what has no overlap; CAs, and passwords accepted in two versions, go `add`, `resign`, `drop`. */
export const rotationPhases = ["renew", "add", "resign", "drop"] as const;
export type RotationPhase = (typeof rotationPhases)[number];

/** A rotation under way, as the stack's config keeps it (`repave:rotation`). Holds names and numbers, never values. */
export const rotationSchema = z.object({
  /** What was asked for, so that the same command goes on with it. */
  asked: z.array(z.string()).min(1),
  /** ISO 8601. */
  startedAt: z.iso.datetime(),
  phase: z.enum(rotationPhases),
  /** On its way back to the old versions. */
  aborting: z.boolean().default(false),
  /** What has an overlap, by id: the generation it leaves and the one it goes to. */
  cas: z.record(z.string(), z.object({ from: generation, to: generation })).default({}),
  /** Everything else by id: its new generation. */
  renew: z.record(z.string(), generation).default({}),
});

export type Rotation = z.infer<typeof rotationSchema>;

/** Generations by id, as the stack's config keeps them (`repave:generations`); what is not named is at 0. */
export const generationsSchema = z.record(z.string(), generation);
export type Generations = z.infer<typeof generationsSchema>;

/** The config a stack has about its credentials. */
export interface CredentialConfig {
  generations: Generations;
  rotation: Rotation | undefined;
}
