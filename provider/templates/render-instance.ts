import { bindProperties } from "../../director/templates/bind-properties.ts";
import { configurationHash, templateHashes, type RenderedJob } from "../../director/templates/digests.ts";
import { instanceError, jobError, syntaxError, templateError } from "../../director/templates/errors.ts";
import { buildSpec } from "../../director/templates/instance-spec.ts";
import { writeJson } from "../../director/templates/json.ts";
import { linksJson, linksJsonPath } from "../../director/templates/links-json.ts";
import type { DnsIds, InstanceInput, JobInput, RenderedInstance } from "../../director/templates/renderer.ts";
import { validateProperties } from "../../director/templates/schema/validate-properties.ts";
import { toTemplateMap, toTemplateValue, type TemplateMap, type TemplateValue } from "../../director/templates/values.ts";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { RenderOrder, TemplateOutcome } from "./messages.ts";
import type { TemplatePool } from "./template-pool.ts";

/**
 * Renders every job of one instance in the given order, from a clean Ruby.
 * Throws `render.destination`, `render.property-type` or `render.properties-schema` before any template runs, `render.templates` with all failed templates after.
 */
export async function renderWith(pool: TemplatePool, input: InstanceInput, signal?: AbortSignal): Promise<RenderedInstance> {
  for (const job of input.jobs) checkDestinations(job);
  const bound = input.jobs.map((job) => bindJob(job));
  const result = await pool.run(readable(`input of instance '${input.context.name}/${input.context.index}'`, () => order(input, bound)), signal);
  const outcomes = "answer" in result ? result.answer.jobs : stuckAt(input, result.stuck);
  const errors: string[] = [];
  const jobs: RenderedJob[] = [];
  for (const [i, job] of input.jobs.entries()) {
    const of = outcomes[i] ?? [];
    const failed = errorOf(job, of);
    if (failed !== undefined) errors.push(failed);
    else if (of.length === job.templates.length + 1) jobs.push(rendered(job, of));
  }
  if (errors.length > 0) throw new RepaveError("render.templates", instanceError(input.context.name, errors).replace(/^- /, ""), { details: { jobErrors: errors } });
  return { jobs, configurationHash: configurationHash(jobs), templateHashes: templateHashes(jobs) };
}

/** A release is other people's work: no file of it may land outside its job's folder. */
function checkDestinations(job: JobInput): void {
  for (const name of [job.name, ...job.templates.map(({ dest }) => dest)]) {
    if (name === "" || name.includes("\0") || name.split("/").includes("..")) {
      throw new RepaveError("render.destination", `Job '${job.name}' puts a template at '${name}', which is not inside the job's folder`);
    }
  }
}

/** The properties a job's templates see, checked against its schema. */
function bindJob(job: JobInput): TemplateMap {
  const manifest = readable(`properties of job '${job.name}'`, () => toTemplateMap(job.manifestProperties, "properties"));
  const bound = bindProperties(job.properties, manifest);
  if (job.propertiesSchema !== undefined) validateProperties(job.name, job.propertiesSchema, bound);
  return bound;
}

/** Plain data that is no data (functions, cycles, endless nesting) is an error of the input. */
function readable<T>(noun: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RepaveError("render.input", `Cannot use the ${noun}: ${messageOf(error)}`, { cause: error });
  }
}

function order(input: InstanceInput, bound: readonly TemplateMap[]): RenderOrder {
  const dns = toTemplateValue((input.dns ?? {}) satisfies DnsIds, "dns");
  const jobs = input.jobs.map((job, i) => {
    const spec = buildSpec(input.context, { release: job.release, properties: bound[i]!, links: toTemplateMap(job.links, `links of ${job.name}`) });
    const sources = [{ src: "monit", content: job.monit }, ...job.templates].map(
      ({ src, content }): TemplateMap => new Map([["src", src], ["erb", Buffer.from(content as string).toString("base64")]]),
    );
    return new Map<string, TemplateValue>([["name", job.name], ["spec", spec], ["dns", dns], ["sources", sources]]);
  });
  return { input: Buffer.from(writeJson(jobs)), counts: input.jobs.map((job) => job.templates.length + 1) };
}

function errorOf(job: JobInput, outcomes: readonly TemplateOutcome[]): string | undefined {
  const failures = outcomes.flatMap((outcome, i) => {
    if (outcome.ok) return [];
    const source = i === 0 ? "monit" : job.templates[i - 1]!.src;
    const { line, message } = syntaxError(`${job.name}/${source}`, outcome.line, outcome.message) ?? outcome;
    return [templateError(source, line, message)];
  });
  if (failures.length === 0) return undefined;
  return outcomes[0]?.ok === false ? failures[0]! : jobError(job.name, failures);
}

function rendered(job: JobInput, outcomes: readonly TemplateOutcome[]): RenderedJob {
  const content = outcomes.map((outcome) => (outcome.ok ? outcome.content : new Uint8Array()));
  const files = job.templates.map(({ src, dest }, i) => ({ src, dest, content: content[i + 1]! }));
  files.push({ src: linksJsonPath, dest: linksJsonPath, content: Buffer.from(linksJson(job.provides ?? [])) });
  return { name: job.name, monit: content[0]!, files };
}

/** The outcomes when a VM was stopped from outside: what came before is lost, the template it was at is the error. */
function stuckAt(input: InstanceInput, at: { job: number; template: number; why: string }): TemplateOutcome[][] {
  return input.jobs.map((_, i) => {
    if (i !== at.job) return [];
    const before = Array.from({ length: at.template }, (): TemplateOutcome => ({ ok: true, content: new Uint8Array() }));
    return [...before, { ok: false, line: "(unknown)", message: at.why }];
  });
}
