import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { changedKeys } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  environment: z.string().min(1),
  diskName: z.string().min(1),
  sizeMiB: z.number().int().positive(),
});

export type LocalDiskInputs = z.infer<typeof schema>;
export type LocalDiskState = LocalDiskInputs & { cid: string };

/** A persistent disk of a local environment: a folder that outlives the VMs it is attached to. */
export class LocalDisk extends pulumi.CustomResource {
  declare readonly cid: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("LocalDisk"), name, { ...args, cid: undefined }, opts);
  }
}

export const localDiskKind: ResourceKind<LocalDiskInputs, LocalDiskState> = {
  type: token("LocalDisk"),
  schema,
  diff: (_olds, news, oldInputs) => ({
    changed: changedKeys(oldInputs, news, ["sizeMiB"]),
    replace: changedKeys(oldInputs, news, ["environment", "diskName"]),
    deleteBeforeReplace: false,
  }),
  async create(news, { services }) {
    const disk = await services.local(news.environment).createDisk({ name: news.diskName, sizeMiB: news.sizeMiB });
    return { id: disk.cid, state: { ...news, cid: disk.cid } };
  },
  async update(id, olds, news, { services }) {
    await services.local(news.environment).resizeDisk(id, news.sizeMiB);
    return { ...olds, ...news };
  },
  async delete(id, state, { services }) {
    await services.local(state.environment).deleteDisk(id);
  },
  async read(id, state, { services }) {
    return (await services.local(state.environment).hasDisk(id)) ? state : undefined;
  },
};
