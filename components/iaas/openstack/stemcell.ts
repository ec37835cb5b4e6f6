import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { Stemcell, StemcellArgs } from "../port.ts";
import type { StemcellFile } from "./options.ts";
import { dashed, type Shared } from "./shared.ts";

/** The environment's stemcells, each made once. */
export class Stemcells {
  readonly #shared: Shared;
  readonly #made = new Map<string, Stemcell>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  get({ os, version }: StemcellArgs): Stemcell {
    const key = `${os}/${version}`;
    const made = this.#made.get(key) ?? { os, version, image: this.#image(key, { os, version }) };
    this.#made.set(key, made);
    return made;
  }

  #image(key: string, stemcell: StemcellArgs): pulumi.Output<string> {
    const { stemcells } = this.#shared.args;
    const given = stemcells[key];
    if (given === undefined) {
      throw new IaasError("iaas.stemcell", `OpenStack has no stemcell '${key}'`, {
        method: "create_stemcell",
        details: { known: Object.keys(stemcells) },
        hint: `add it to 'stemcells' of openstackIaas: { "${key}": { imageId: "..." } }, or { imageFile: PATH } to upload one`,
      });
    }
    if ("imageId" in given) return pulumi.output(given.imageId);
    return this.#upload(given, stemcell);
  }

  #upload({ imageFile, diskFormat = "qcow2", properties }: StemcellFile, { os, version }: StemcellArgs): pulumi.Output<string> {
    const { sdk, name, args, open, opts } = this.#shared;
    const image = new sdk.images.Image(
      dashed(name, os, version),
      {
        name: `bosh-openstack-kvm-${os}/${version}`,
        localFilePath: imageFile,
        diskFormat,
        containerFormat: "bare",
        visibility: args.stemcellVisibility ?? "private",
        properties: { version, os_type: "linux", os_distro: os.split("-")[0] ?? os, architecture: "x86_64", hypervisor_type: "kvm", auto_disk_config: "True", ...properties },
        tags: Object.entries(open.tags).map(([key, value]) => `${key}=${value}`),
      },
      // Another version is another resource; the file may have gone, or be elsewhere on the next machine.
      pulumi.mergeOptions(opts, { ignoreChanges: ["localFilePath"] }),
    );
    return image.id;
  }
}
