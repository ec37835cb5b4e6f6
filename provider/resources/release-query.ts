import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Query } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  name: z.string(),
  version: z.string(),
  /** Folder, tarball or URL. */
  url: z.string(),
  digest: z.string().optional(),
});

export type ReleaseRequest = z.infer<typeof schema>;

export interface JobFacts {
  name: string;
  fingerprint: string;
  packages: string[];
  templates: { source: string; destination: string }[];
  properties: { name: string; hasDefault: boolean; default?: unknown }[];
  provides: { name: string; type: string; properties: string[] }[];
  consumes: { name: string; type: string; optional: boolean }[];
  logs: Record<string, unknown>;
}

export interface PackageFacts {
  name: string;
  fingerprint: string;
  dependencies: string[];
  /** `OS/VERSION`, for a package that comes compiled. */
  stemcell?: string;
}

/** What a plan must know of a release; its templates and archives stay with the provider. */
export interface ReleaseFacts {
  name: string;
  version: string;
  /** Where the provider finds it again. */
  location: string;
  jobs: JobFacts[];
  packages: PackageFacts[];
}

/** Reads a release folder or tarball. */
export async function readRelease(request: ReleaseRequest, opts?: pulumi.InvokeOptions): Promise<ReleaseFacts> {
  const { facts } = (await pulumi.runtime.invoke(token("readRelease"), request, opts ?? {})) as { facts: string };
  return JSON.parse(facts) as ReleaseFacts;
}

export const releaseQuery: Query<ReleaseRequest, { facts: string }> = {
  token: token("readRelease"),
  schema,
  secret: false,
  answer: async (args, { services }) => ({ facts: JSON.stringify(await services.releases.facts(args)) }),
};
