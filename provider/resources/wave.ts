import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({});

/**
 * What the instances of a wave wait for, in place of each instance of the waves before. It is nothing but its dependencies: the engine
 * registers it when they are done, and not at all when one of them failed.
 */
export class Wave extends pulumi.CustomResource {
  constructor(name: string, opts: pulumi.CustomResourceOptions) {
    super(token("Wave"), name, {}, opts);
  }
}

export const waveKind: ResourceKind<object, object> = {
  type: token("Wave"),
  schema,
  diff: () => ({ changed: [], replace: [], deleteBeforeReplace: false }),
  create: async (_news, { name }) => ({ id: name, state: {} }),
};
