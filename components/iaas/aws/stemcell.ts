import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { Stemcell, StemcellArgs } from "../port.ts";
import { dashed, named, type Shared } from "./shared.ts";

/** The environment's light stemcells: AMIs that are there, or encrypted copies of them, each made once. */
export class Stemcells {
  readonly #shared: Shared;
  readonly #made = new Map<string, Stemcell>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  get({ os, version }: StemcellArgs): Stemcell {
    const key = `${os}/${version}`;
    const made = this.#made.get(key) ?? { os, version, image: this.#image(key) };
    this.#made.set(key, made);
    return made;
  }

  #image(key: string): pulumi.Output<string> {
    const { sdk, name, settings, open, opts } = this.#shared;
    const { region, stemcells, encryptedStemcells, kmsKeyArn } = settings;
    const given = stemcells[key];
    const ami = typeof given === "string" ? given : given?.[region];
    if (ami === undefined) {
      throw new IaasError("iaas.stemcell", given === undefined ? `AWS has no stemcell '${key}'` : `The stemcell '${key}' has no AMI in ${region}`, {
        method: "create_stemcell",
        details: { known: Object.keys(stemcells), regions: typeof given === "object" ? Object.keys(given) : [] },
        hint: `add it to 'stemcells' of awsIaas: { "${key}": { "${region}": "ami-..." } }; a light stemcell's stemcell.MF has the table`,
      });
    }
    if (!encryptedStemcells) return pulumi.output(ami);
    const label = dashed(name, key);
    return new sdk.AmiCopy(label, { name: label, sourceAmiId: ami, sourceAmiRegion: region, encrypted: true, kmsKeyId: kmsKeyArn, tags: named(label, open.tags) }, opts).id;
  }
}
