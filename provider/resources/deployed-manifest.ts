import { gunzipSync, gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Generation, type GenerationContent, generationContentSchema, generationSchema, releasePrintSchema, withGeneration } from "../../director/rollout/generations.ts";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  deployment: z.string().min(1),
  /** Name of the deployment's component, by which the program knows it. */
  component: z.string().min(1),
  digest: z.string().min(1),
  releases: z.array(releasePrintSchema),
  stemcells: generationSchema.shape.stemcells,
  /** JSON of a `GenerationContent`. */
  content: z.string(),
});

export type DeployedManifestInputs = z.infer<typeof schema>;
export type DeployedManifestState = DeployedManifestInputs & { generations: Generation[] };

/**
 * What a deployment's successful updates were made of, the present one and a few before it: what a rollback goes back to. Depends
 * on all else of the deployment, so that it changes only when an update has gone through to the end.
 */
export class DeployedManifest extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("DeployedManifest"), name, { ...args, generations: undefined }, pulumi.mergeOptions({ additionalSecretOutputs: ["generations"] }, opts));
  }
}

export const deployedManifestKind: ResourceKind<DeployedManifestInputs, DeployedManifestState> = {
  type: token("DeployedManifest"),
  schema,
  secretOutputs: ["generations"],
  // A manifest may have credentials in it: the state has it among its secrets, not among its inputs.
  writeOnly: ["content"],
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["component", "digest", "releases", "stemcells", "content"]),
    replace: changedKeys(oldInputs, news, ["deployment"]),
    deleteBeforeReplace: true,
  }),
  create: async (news, { services }) => ({ id: news.deployment, state: { ...news, generations: withGeneration([], generationOf(news, services.now())) } }),
  update: async (_id, olds, news, { services }) => ({ ...news, generations: withGeneration(olds.generations, generationOf(news, services.now())) }),
};

/** A plugin process serves one run of the engine. */
let run: string | undefined;

function generationOf({ digest, releases, stemcells, content }: DeployedManifestInputs, now: Date): Generation {
  run ??= now.toISOString();
  return { digest, at: now.toISOString(), run, releases, stemcells, content: gzipSync(content).toString("base64") };
}

/** What a generation's `content` says. */
export function unpackContent(content: string): GenerationContent {
  return generationContentSchema.parse(JSON.parse(gunzipSync(Buffer.from(content, "base64")).toString("utf8")));
}
