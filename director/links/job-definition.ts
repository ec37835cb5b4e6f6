/** The part of a release job's spec that links and planning read. */
export interface JobDefinition {
  readonly name: string;
  readonly properties: readonly { readonly name: string; readonly default?: unknown }[];
  readonly provides: readonly LinkDefinition[];
  readonly consumes: readonly { readonly name: string; readonly type: string; readonly optional: boolean }[];
  readonly packages?: readonly string[];
}

export interface LinkDefinition {
  readonly name: string;
  readonly type: string;
  readonly properties: readonly string[];
}

/** Finds a job in a release of the deployment; undefined when the release has no such job, or is not known here. */
export type JobLookup = (release: string, job: string) => JobDefinition | undefined;
