import { rm, stat } from "node:fs/promises";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { changedKeys, type ResourceKind } from "../resource-kind.ts";
import { UNKNOWN } from "../rpc/values.ts";
import { unpackStemcell } from "../stemcell/unpack.ts";
import { token } from "./tokens.ts";

const schema = z.object({
  os: z.string().min(1),
  version: z.string().min(1),
  infrastructure: z.enum(["openstack", "vsphere"]),
  /** Path or URL of the tarball. */
  url: z.string().min(1),
  /** BOSH digest of the tarball. */
  digest: z.string().optional(),
});

export type StemcellImageInputs = z.infer<typeof schema>;
export type StemcellImageState = StemcellImageInputs & {
  /** The disk, or what describes it, as the IaaS takes it: `root.img`, `image.ovf`. */
  file: string;
  diskFormat: string;
  /** `cloud_properties` of the stemcell. */
  cloudProperties: Record<string, unknown>;
};

const fileOf = { openstack: "root.img", vsphere: "image.ovf" } as const;

/**
 * The disk of a heavy stemcell, unpacked where the deployer runs, for an upload to the IaaS. Where the tarball lies does not matter once the
 * upload is done: another place makes nothing anew, another digest does.
 */
export class StemcellImage extends pulumi.CustomResource {
  declare readonly file: pulumi.Output<string>;
  declare readonly diskFormat: pulumi.Output<string>;
  declare readonly cloudProperties: pulumi.Output<Record<string, unknown>>;
  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(token("StemcellImage"), name, { ...args, file: undefined, diskFormat: undefined, cloudProperties: undefined }, opts);
  }
}

export const stemcellImageKind: ResourceKind<StemcellImageInputs, StemcellImageState> = {
  type: token("StemcellImage"),
  schema,
  diff(_olds, news, oldInputs) {
    const changed = changedKeys(oldInputs, news, ["os", "version", "infrastructure", "digest"]);
    return { changed, replace: changed, deleteBeforeReplace: false };
  },
  foresee: (_news, olds) => olds ?? { file: UNKNOWN as never, diskFormat: UNKNOWN as never, cloudProperties: UNKNOWN as never },
  async create(news, { services, signal, status }) {
    const { manifest, folder } = await unpackStemcell(news.url, { ...news, store: services.blobs, signal, status });
    const file = path.join(folder, fileOf[news.infrastructure]);
    if (!(await stat(file).catch(() => undefined))) throw new RepaveError("iaas.stemcell", `Stemcell ${news.os}/${news.version} has no ${fileOf[news.infrastructure]} in its image`, { details: { folder } });
    return { id: `${news.os}/${news.version}`, state: { ...news, file, diskFormat: String(manifest.cloud_properties["disk_format"] ?? ""), cloudProperties: manifest.cloud_properties } };
  },
  async delete(_id, { file }) {
    await rm(path.dirname(file), { recursive: true, force: true });
  },
  read: async (_id, state) => state,
};
