import { z } from "zod";
import { checked } from "./package-spec.ts";
import { SpecDocument } from "./yaml.ts";

const text = z.string().nullish().transform((v) => v ?? "");
const jobSchema = z.object({
  name: text,
  description: z.unknown().optional(),
  templates: z.record(z.string(), text).nullish(),
  packages: z.array(text).nullish().transform((v) => v ?? []),
  properties: z.record(z.string(), z.object({ description: text }).nullish()).nullish(),
});

const providesSchema = z.array(z.looseObject({ name: z.string(), type: z.string(), properties: z.array(z.string()).nullish() }));
const consumesSchema = z.array(z.looseObject({ name: z.string(), type: z.string(), optional: z.boolean().nullish() }));

export interface JobTemplateSpec {
  /** Path below `templates/`. */
  source: string;
  /** Path below `/var/vcap/jobs/NAME/`. */
  destination: string;
}

/** One property a job declares; only `default` means something to the Director. */
export interface PropertyDefinition {
  /** Dotted name, as written. */
  name: string;
  hasDefault: boolean;
  default?: unknown;
  description?: string;
  /** Everything the file says of it, such as `example`. */
  raw: Readonly<Record<string, unknown>>;
}

export interface LinkProviderDefinition {
  name: string;
  type: string;
  properties: string[];
}

export interface LinkConsumerDefinition {
  name: string;
  type: string;
  optional: boolean;
}

/** What `jobs/NAME/spec` (in an archive: `job.MF`) says. Lists keep the order of the file. */
export interface JobSpec {
  name: string;
  description: string;
  templates: JobTemplateSpec[];
  packages: string[];
  properties: PropertyDefinition[];
  provides: LinkProviderDefinition[];
  consumes: LinkConsumerDefinition[];
  logs: Readonly<Record<string, unknown>>;
  /** What the Director refuses at upload although the CLI accepts it, in its words and with its error number. */
  problems: string[];
}

/**
 * Reads a job spec by the CLI's rules; what only the Director refuses is listed in `problems`.
 *
 * @throws RepaveError `release.yaml` when the file can't be read as a job spec.
 */
export function parseJobSpec(source: string): JobSpec {
  const document = new SpecDocument(source, "job spec");
  const texts = document.texts();
  const spec = checked(jobSchema, texts);
  const problems: string[] = [];
  const templates = [...((texts.get("templates") ?? new Map()) as ReadonlyMap<string, string | null>)];
  return {
    name: spec.name,
    description: typeof spec.description === "string" ? spec.description : "",
    templates: templates.map(([from, to]) => ({ source: from, destination: to ?? "" })),
    packages: spec.packages,
    properties: (document.entries("properties") ?? []).map(([name, value]) => definition(name, value)),
    provides: providers(document.value("provides"), spec.name, problems),
    consumes: consumers(document.value("consumes"), spec.name, problems),
    logs: logs(document.value("logs"), spec.name, problems),
    problems,
  };
}

function definition(name: string, value: unknown): PropertyDefinition {
  const raw = (value ?? {}) as Record<string, unknown>;
  const hasDefault = Object.hasOwn(raw, "default");
  return { name, hasDefault, ...(hasDefault ? { default: raw.default } : {}), ...(typeof raw.description === "string" ? { description: raw.description } : {}), raw };
}

function providers(value: unknown, job: string, problems: string[]): LinkProviderDefinition[] {
  const parsed = providesSchema.nullish().safeParse(value);
  if (!parsed.success) {
    problems.push(`Job '${job}' has malformed 'provides': ${parsed.error.issues[0]?.message} (80013)`);
    return [];
  }
  const list = parsed.data ?? [];
  for (const p of list) if ("optional" in p) problems.push(`Job '${job}' specified 'optional' field in provides section for link '${p.name}' (80013)`);
  duplicates(list, job, "provides", problems);
  return list.map((p) => ({ name: p.name, type: p.type, properties: p.properties ?? [] }));
}

function consumers(value: unknown, job: string, problems: string[]): LinkConsumerDefinition[] {
  const parsed = consumesSchema.nullish().safeParse(value);
  if (!parsed.success) {
    problems.push(`Job '${job}' has malformed 'consumes': ${parsed.error.issues[0]?.message} (80013)`);
    return [];
  }
  duplicates(parsed.data ?? [], job, "consumes", problems);
  return (parsed.data ?? []).map((c) => ({ name: c.name, type: c.type, optional: c.optional ?? false }));
}

function duplicates(list: readonly { name: string }[], job: string, section: string, problems: string[]): void {
  const seen = new Set<string>();
  for (const { name } of list) {
    if (seen.has(name)) problems.push(`Job '${job}' specifies duplicate ${section} link with name '${name}' (80014)`);
    seen.add(name);
  }
}

function logs(value: unknown, job: string, problems: string[]): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  problems.push(`Job '${job}' has invalid logs spec format (80012)`);
  return {};
}

/** `properties_schema.json` as data. Undefined, with a problem added to the spec, when it is not a JSON object: the CLI packs it all the same. */
export function parsePropertiesSchema(source: string, spec: JobSpec): Readonly<Record<string, unknown>> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(source));
  } catch {
    spec.problems.push(`Job '${spec.name}' has a properties_schema.json that is not a JSON object`);
    return undefined;
  }
}
