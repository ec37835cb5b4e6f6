import { z } from "zod";
import { RepaveError } from "./core/errors.ts";

export const errandFactsSchema = z.object({ job: z.string(), group: z.string(), lifecycle: z.enum(["service", "errand"]) });

/** A job that can be run as an errand, and where. */
export type ErrandFacts = z.infer<typeof errandFactsSchema>;

export interface ErrandTargets {
  job: string;
  /** Groups whose running instances take it. */
  service: string[];
  /** Groups that get a VM for it. */
  errand: string[];
  warning?: string;
}

/**
 * What a name means to `run-errand`: a job, wherever it is, or else an errand group, of which the first errand job runs.
 *
 * @throws RepaveError `cli.unknown-errand`
 */
export function findErrand(name: string, known: readonly ErrandFacts[]): ErrandTargets {
  const ofGroup = known.find((errand) => errand.group === name && errand.lifecycle === "errand");
  const places = known.filter((errand) => errand.job === name);
  if (places.length > 0) {
    const ambiguous = ofGroup !== undefined && places.some((place) => place.group !== name);
    return {
      job: name,
      service: groupsOf(places, "service"),
      errand: groupsOf(places, "errand"),
      ...(ambiguous ? { warning: `'${name}' is a job and an errand group; the job is run` } : {}),
    };
  }
  if (ofGroup) return { job: ofGroup.job, service: [], errand: [name] };
  const names = [...new Set(known.flatMap((errand) => (errand.lifecycle === "errand" ? [errand.job, errand.group] : [errand.job])))].sort();
  throw new RepaveError("cli.unknown-errand", `There is no errand '${name}'`, { details: { name, known: names }, hint: names.length > 0 ? `known are ${names.join(", ")}` : "no job has a bin/run" });
}

function groupsOf(places: readonly ErrandFacts[], lifecycle: ErrandFacts["lifecycle"]): string[] {
  return [...new Set(places.filter((place) => place.lifecycle === lifecycle).map((place) => place.group))];
}

/** What an errand ran on, in a form that is equal only if nothing of it has changed; the caller hashes it. */
export function errandSignature(instances: readonly { id: string; configurationHash: string; packages: readonly { name: string; version: string; digest: string }[] }[]): string {
  return instances
    .map(({ id, configurationHash, packages }) => [id, configurationHash, ...packages.map((p) => `${p.name}/${p.version}/${p.digest}`).sort()].join(" "))
    .sort()
    .join("\n");
}
