import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { changedKeys, type ResourceKind } from "../resource-kind.ts";
import { token } from "./tokens.ts";

const schema = z.object({ sizesGiB: z.array(z.number().int().positive()) });

export type DiskSizesInputs = z.infer<typeof schema>;

/**
 * How large the persistent disks of a VM are, on an IaaS where a disk that a VM holds can't grow. Makes nothing itself. Other sizes
 * replace it, delete-first, and with it the VM that takes from it; the disks, which only take their sizes from it, grow in between.
 */
export class DiskSizes extends pulumi.CustomResource {
  declare readonly sizesGiB: pulumi.Output<number[]>;
  constructor(name: string, args: { sizesGiB: number[] }, opts?: pulumi.CustomResourceOptions) {
    super(token("DiskSizes"), name, args, opts);
  }
}

export const diskSizesKind: ResourceKind<DiskSizesInputs, DiskSizesInputs> = {
  type: token("DiskSizes"),
  schema,
  diff(_olds, news, oldInputs, operation) {
    const changed = changedKeys(oldInputs, news, ["sizesGiB"]);
    const smaller = oldInputs.sizesGiB.findIndex((size, i) => (news.sizesGiB[i] ?? size) < size);
    // Said while the VM still runs, rather than by the cloud once it is gone.
    if (smaller >= 0) throw new RepaveError("iaas.disk", `The persistent disk of ${operation.name} has ${oldInputs.sizesGiB[smaller]} GiB and can't shrink to ${news.sizesGiB[smaller]}`, { hint: "keep its size, or make a new instance group and move the data" });
    if (changed.length > 0) operation.status(`new VM: its disk grows from ${oldInputs.sizesGiB.join(", ")} to ${news.sizesGiB.join(", ")} GiB`);
    return { changed, replace: changed, deleteBeforeReplace: true };
  },
  foresee: (news) => news,
  create: async (news) => ({ id: "sizes", state: news }),
  delete: async () => undefined,
  read: async (_id, state) => state,
};
