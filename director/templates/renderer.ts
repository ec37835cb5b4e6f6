import type { RenderedJob } from "./digests.ts";
import type { InstanceContext } from "./instance-spec.ts";
import type { ProvidedLink } from "./links-json.ts";
import type { PropertyDefinition } from "./bind-properties.ts";

/** One template of a job: its source below `templates/`, where it goes, and its ERB text (bytes where it is not UTF-8). */
export interface TemplateSource {
  src: string;
  dest: string;
  content: string | Uint8Array;
}

/** Data behind `link.address`; templates cannot see it. */
export interface DnsIds {
  /** AZ name to its number. */
  azs?: Record<string, string | number>;
  /** Network name to its number; short names only. */
  networks?: Record<string, string | number>;
  /** DNS groups; short names only. */
  groups?: readonly { group_type: string; group_name: string; deployment: string; id: string | number }[];
  /** Instance UUID to its number; short names only. */
  instances?: Record<string, string | number>;
}

export interface JobInput {
  name: string;
  release: { name: string; version: string };
  /** The text of the job's `monit` template; may be empty. */
  monit: string | Uint8Array;
  /** In the order of the job's spec. */
  templates: readonly TemplateSource[];
  /** The spec's property definitions in file order; see `propertyDefinitions`. */
  properties: readonly PropertyDefinition[];
  /** The manifest's properties for this job, before binding. Plain data or `TemplateValue`s. */
  manifestProperties: unknown;
  /** Resolved links by the name the job's spec consumes them under. */
  links?: unknown;
  /** Links this job provides, for `.bosh/links.json`. */
  provides?: readonly ProvidedLink[];
  /** Text of `properties_schema.json`, where the job has one. */
  propertiesSchema?: string;
}

/** All that decides the rendered files of one instance; two equal inputs give equal bytes. */
export interface InstanceInput {
  /** In the manifest's order. */
  jobs: readonly JobInput[];
  context: InstanceContext;
  dns?: DnsIds;
}

export interface RenderedInstance {
  jobs: RenderedJob[];
  configurationHash: string;
  templateHashes: Record<string, string>;
}

/** Turns templates into files. The real one runs Ruby; planning code only knows this port. */
export interface Renderer {
  /** Throws a `RepaveError` (`render.*`) whose message lists every failed template of the instance in the Director's form. */
  renderInstance(input: InstanceInput, options?: { signal?: AbortSignal }): Promise<RenderedInstance>;
}
