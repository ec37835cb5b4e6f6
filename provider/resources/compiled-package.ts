import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Operation, ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const compiled = z.object({ name: z.string(), fingerprint: z.string(), blob: z.string(), digest: z.string() });

const schema = z.object({
  /** The local environment on whose compilation VMs it is compiled. */
  environment: z.string().min(1),
  release: z.string(),
  package: z.string(),
  fingerprint: z.string(),
  stemcell: z.object({ os: z.string(), version: z.string() }),
  /** Direct dependencies, compiled. */
  dependencies: z.array(compiled),
  /** Fingerprints of all that goes into it: see `dependencyKey`. */
  dependencyKey: z.string(),
  /** Where the release is; says nothing about the result. */
  location: z.string(),
  compilers: z.number().int().min(1),
  /** The release brings it compiled for this stemcell: nothing is compiled. */
  comesCompiled: z.boolean().default(false),
});

export type CompiledPackageInputs = z.infer<typeof schema>;
export type CompiledPackageState = CompiledPackageInputs & { blob: string; digest: string };

/** A package compiled for one stemcell, once for each fingerprint, and kept in the blobstore. */
export class CompiledPackage extends pulumi.CustomResource {
  declare readonly blob: pulumi.Output<string>;
  declare readonly digest: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("CompiledPackage"), name, { ...args, blob: undefined, digest: undefined }, opts);
  }
}

async function compile(news: CompiledPackageInputs, operation: Operation): Promise<CompiledPackageState> {
  return { ...news, ...(await operation.services.compilation.compile(news, operation)) };
}

export const compiledPackageKind: ResourceKind<CompiledPackageInputs, CompiledPackageState> = {
  type: token("CompiledPackage"),
  schema,
  async diff(olds, news, oldInputs, { services }) {
    const changed: string[] = changedKeys(oldInputs, news, ["fingerprint", "stemcell", "dependencyKey"]);
    if (changed.length === 0 && !(await services.blobs.has(olds.blob))) changed.push("blob");
    return { changed, replace: changedKeys(oldInputs, news, ["release", "package"]), deleteBeforeReplace: true };
  },
  // What is compiled already is known in preview, so that an update does not look larger than it is.
  foresee: (news, olds) => (olds && olds.fingerprint === news.fingerprint && olds.dependencyKey === news.dependencyKey ? { blob: olds.blob, digest: olds.digest } : {}),
  create: async (news, operation) => ({ id: `${news.package}/${news.fingerprint}`, state: await compile(news, operation) }),
  update: (_id, _olds, news, operation) => compile(news, operation),
};
