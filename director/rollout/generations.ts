import { z } from "zod";

/** What of a deployment's documents an update was made of. */
export const generationContentSchema = z.object({
  /** The manifest with ops files and given values in it, as YAML. */
  manifest: z.string(),
  runtimeConfigs: z.array(z.string()),
});

export type GenerationContent = z.infer<typeof generationContentSchema>;

/** A release as it was deployed. `print` tells releases of the same version apart that don't have the same content. */
export const releasePrintSchema = z.object({ name: z.string(), version: z.string(), print: z.string() });

/** One successful update of a deployment, as the state keeps it. */
export const generationSchema = z.object({
  /** Of manifest and runtime configs. */
  digest: z.string(),
  /** When it was done (ISO 8601). */
  at: z.string(),
  /** The same for all deployments of one run of the engine. */
  run: z.string(),
  releases: z.array(releasePrintSchema),
  stemcells: z.array(z.object({ alias: z.string(), os: z.string(), version: z.string() })),
  /** A `GenerationContent`, packed. */
  content: z.string(),
});

export type Generation = z.infer<typeof generationSchema>;

const MOST = 10;
/** Of packed content: the state is written again at every step of an update. */
const MOST_BYTES = 128 * 1024;
/** The present one and the one to go back to are kept whatever their size. */
const LEAST = 2;

/** The generations after a successful update, newest first; one that was deployed before moves to the front. */
export function withGeneration(known: readonly Generation[], next: Generation): Generation[] {
  const all = [next, ...known.filter(({ digest }) => digest !== next.digest)].slice(0, MOST);
  let bytes = 0;
  return all.filter(({ content }, i) => (bytes += content.length) <= MOST_BYTES || i < LEAST);
}

/** What is known of one deployment: what the program asks for now, and what was deployed, newest first. */
export interface DeploymentPast {
  name: string;
  wanted: string;
  generations: readonly Generation[];
}

/**
 * Where each deployment goes back to when nobody says: after an update that failed, to what its deployments last had; after one that
 * succeeded, to what they had before it. Deployments that the last update left alone stay as they are.
 */
export function lastGood(past: readonly DeploymentPast[]): Map<string, Generation> {
  const failed = past.filter(({ wanted, generations }) => generations[0] !== undefined && generations[0].digest !== wanted);
  if (failed.length > 0) return new Map(failed.map(({ name, generations }) => [name, generations[0]!]));
  const newest = past.flatMap(({ generations }) => generations[0] ?? []).sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  const together = past.filter(({ generations }) => generations[0]?.run === newest?.run && generations.length > 1);
  return new Map(together.map(({ name, generations }) => [name, generations[1]!]));
}
