import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { DeployedManifest } from "../../provider/resources/deployed-manifest.ts";
import type { ReleaseFacts } from "../../provider/resources/release-query.ts";
import type { EffectiveManifest } from "./effective-manifest.ts";
import { osOf } from "./group-settings.ts";

export interface RecordManifestArgs {
  component: string;
  spec: DeploymentSpec;
  manifest: EffectiveManifest;
  facts: readonly ReleaseFacts[];
}

/** Keeps what this update is made of, once all of `opts.dependsOn` is done. */
export function recordManifest({ component, spec, manifest, facts }: RecordManifestArgs, opts: pulumi.CustomResourceOptions): void {
  const printOf = (name: string): string => {
    const found = facts.find((release) => release.name === name);
    const content = [found?.jobs.map((job) => job.fingerprint), found?.packages.map((p) => p.fingerprint)];
    return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, PRINT_LENGTH);
  };
  new DeployedManifest(
    spec.name,
    {
      deployment: spec.name,
      component,
      digest: manifest.digest,
      releases: spec.releases.map(({ name, version }) => ({ name, version, print: printOf(name) })),
      stemcells: spec.stemcells.map((stemcell) => ({ alias: stemcell.alias, os: osOf(stemcell), version: stemcell.version })),
      content: JSON.stringify(manifest.content),
    },
    opts,
  );
}

const PRINT_LENGTH = 16;
