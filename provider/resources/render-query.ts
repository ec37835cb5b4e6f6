import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { parseJson, plainJson } from "../../director/templates/json.ts";
import type { InstanceInput, JobInput } from "../../director/templates/renderer.ts";
import { toPlain } from "../../director/templates/values.ts";
import type { Query } from "../resource-kind.ts";
import { token } from "./tokens.ts";

/** One job of an instance, its templates named by the release they are in. */
export interface JobToRender extends Pick<JobInput, "name" | "manifestProperties" | "links" | "provides"> {
  release: { name: string; version: string; location: string };
}

export interface InstanceToRender extends Omit<InstanceInput, "jobs"> {
  /** `group/id`. */
  instance: string;
  jobs: JobToRender[];
}

export interface RenderAnswer {
  configurationHash: string;
  /** By job, to say which of them has changed. */
  templates: Record<string, string>;
}

/** Digits that tell two renderings of a job apart; the state keeps them for every instance. */
const TOLD = 12;

const schema = z.object({
  /** JSON of `InstanceToRender`: as text, because maps keep their order in it. */
  request: z.string(),
});

/** Asks the provider what an instance's templates come to. The content stays in the provider. */
export function renderInstance(request: pulumi.Output<InstanceToRender>, opts?: pulumi.InvokeOptions): { configurationHash: pulumi.Output<string>; templates: pulumi.Output<Record<string, string>> } {
  const text = request.apply(plainJson);
  const answer = pulumi.runtime.invokeOutput(token("renderInstance"), { request: text }, opts ?? {}) as pulumi.Output<RenderAnswer>;
  // A digest over all files tells nothing about one of them, and people must see that it changes.
  return { configurationHash: pulumi.unsecret(answer.configurationHash), templates: pulumi.unsecret(answer.templates) };
}

export const renderQuery: Query<z.infer<typeof schema>, RenderAnswer> = {
  token: token("renderInstance"),
  schema,
  secret: false,
  async answer({ request }, { services, signal }) {
    const wanted = readRequest(request);
    const jobs = await Promise.all(wanted.jobs.map((job) => services.releases.jobInput(job)));
    const { configurationHash, templateHashes } = await services.rendering.digest(wanted.instance, { jobs, context: wanted.context, dns: wanted.dns }, signal);
    return { configurationHash, templates: Object.fromEntries(Object.entries(templateHashes).map(([job, hash]) => [job, hash.slice(0, TOLD)])) };
  },
};

/** Only the slower reader keeps integers past 2^53, and few manifests have any. */
function readRequest(text: string): InstanceToRender {
  return (/\d{16}/.test(text) ? toPlain(parseJson(text)) : JSON.parse(text)) as InstanceToRender;
}
