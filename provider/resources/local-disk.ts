import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ResourceKind } from "../resource-kind.ts";
import { canonical, changedKeys } from "../resource-kind.ts";
import { reasonsFor } from "../../director/core/reasons.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  environment: z.string().min(1),
  diskName: z.string().min(1),
  sizeMiB: z.number().int().positive(),
  /** Its disk type's: other ones need another disk. Absent when there are none. */
  cloudProperties: z.record(z.string(), z.any()).optional(),
  deployment: z.string().optional(),
  group: z.string().optional(),
  instanceId: z.string().optional(),
  az: z.string().optional(),
  /** Asks once, at a time (ISO 8601), for a certain disk with its contents; an empty CID is a new and empty one. */
  attach: z.object({ disk: z.string(), at: z.string() }).optional(),
});

export type LocalDiskInputs = z.infer<typeof schema>;
export type LocalDiskState = LocalDiskInputs & { cid: string };

/** A persistent disk of a local environment: a folder that outlives the VMs it is attached to, and itself: removed, it is kept as an orphan. */
export class LocalDisk extends pulumi.CustomResource {
  declare readonly cid: pulumi.Output<string>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("LocalDisk"), name, { ...args, cid: undefined }, opts);
  }
}

/** Disks that another one is to take the place of: the engine asks for the difference before it creates, and only then do we know. */
const replaced = new Map<string, { cid: string; attach: boolean }>();

const words = { sizeMiB: "disk size in MiB", cloudProperties: "disk type" };

export const localDiskKind: ResourceKind<LocalDiskInputs, LocalDiskState> = {
  type: token("LocalDisk"),
  schema,
  diff(olds, news, oldInputs, { urn, status }) {
    const attach = news.attach !== undefined && news.attach.disk !== olds.cid && changedKeys(oldInputs, news, ["attach"]).length > 0;
    const elsewhere = changedKeys(oldInputs, news, ["environment", "diskName"]);
    const copied = [...changedKeys(oldInputs, news, ["cloudProperties"]), ...(news.sizeMiB < oldInputs.sizeMiB ? ["sizeMiB"] : [])];
    const replace = [...elsewhere, ...copied, ...(attach ? ["attach"] : [])];
    const grows = replace.length === 0 ? changedKeys(oldInputs, news, ["sizeMiB"]) : [];
    if (replace.length > 0 && elsewhere.length === 0) replaced.set(urn, { cid: olds.cid, attach });
    const why = reasonsFor(oldInputs, news, attach ? [] : [...copied, ...grows], words);
    if (attach) status(`${news.attach!.disk === "" ? "a new, empty disk" : `disk ${news.attach!.disk} with its contents`} instead of ${olds.cid}, which is kept as an orphan`);
    else if (copied.length > 0) status(`${why}: contents are copied to a new disk, ${olds.cid} is kept as an orphan`);
    else if (grows.length > 0) status(`grows in place: ${why}`);
    // The old one stays until its contents are on the new one.
    return { changed: grows, replace, deleteBeforeReplace: false };
  },
  async create(news, { urn, services }) {
    const iaas = services.local(news.environment);
    const before = replaced.get(urn);
    const { diskName: name, sizeMiB } = news;
    const place = { name, sizeMiB, ...(news.cloudProperties && { type: canonical(news.cloudProperties) }), ...ownerOf(news) };
    const taken = before === undefined || before.attach ? news.attach?.disk : undefined;
    if (taken) {
      await iaas.takeDisk(taken, place);
      return { id: taken, state: { ...news, cid: taken } };
    }
    const { cid } = await iaas.createDisk({ ...place, ...(before && { instead: { cid: before.cid, copy: !before.attach } }) });
    return { id: cid, state: { ...news, cid } };
  },
  async update(id, olds, news, { services }) {
    await services.local(news.environment).resizeDisk(id, news.sizeMiB);
    return { ...olds, ...news };
  },
  /** Data outlives a mistaken change: the disk is kept, and a sweep past its time deletes it. */
  async delete(id, state, { services, status }) {
    const iaas = services.local(state.environment);
    const disk = await iaas.findDisk(id);
    if (disk === undefined) return;
    if (disk.copyFrom !== undefined && disk.attachedTo === undefined) return iaas.deleteDisk(id);
    await iaas.orphanDisk(id, services.now());
    status("kept as an orphan");
  },
  async read(id, state, { services }) {
    return (await services.local(state.environment).hasDisk(id)) ? state : undefined;
  },
};

function ownerOf({ deployment, group, instanceId, az }: LocalDiskInputs): { owner?: { deployment: string; instance: string; az: string } } {
  return deployment && group && instanceId ? { owner: { deployment, instance: `${group}/${instanceId}`, az: az ?? "" } } : {};
}
