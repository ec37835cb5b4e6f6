import { RepaveError } from "../core/errors.ts";
import { propertyDefinitions, type PropertyDefinition } from "./bind-properties.ts";
import { readAsDirector } from "./psych.ts";
import { isMap, rubyClass, type TemplateValue } from "./values.ts";

/** What rendering needs of a job's `spec` (in an archive: `job.MF`). */
export interface TemplateSpec {
  name: string;
  /** Sources below `templates/` and destinations below the job's folder, in file order. */
  templates: { src: string; dest: string }[];
  properties: PropertyDefinition[];
}

/** Reads a job's spec by the Director's own YAML rules, which keep what templates see exact (`1.0`, `0755`, `n`). */
export function readTemplateSpec(text: string): TemplateSpec {
  const spec = readAsDirector(text, "the job's spec");
  if (!isMap(spec)) throw invalid(`The job's spec must be a hash, but is '${rubyClass(spec)}'`);
  const name = spec.get("name") ?? "";
  if (typeof name !== "string") throw invalid("The job's spec has a name that is not text");
  return { name, templates: templatesOf(spec.get("templates") ?? null), properties: propertyDefinitions(spec) };
}

function templatesOf(templates: TemplateValue): { src: string; dest: string }[] {
  if (templates === null) return [];
  if (!isMap(templates)) throw invalid(`Templates of the job's spec must be a hash, but are '${rubyClass(templates)}'`);
  return [...templates].map(([src, dest]) => {
    if (typeof dest !== "string") throw invalid(`Template '${src}' of the job's spec has no destination`);
    return { src, dest };
  });
}

function invalid(message: string): RepaveError {
  return new RepaveError("release.job-spec", message);
}
