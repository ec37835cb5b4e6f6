import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { unpackedStemcell, type HeavyStemcell } from "../heavy-stemcell.ts";
import type { Stemcell, StemcellArgs } from "../port.ts";
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
        hint: `add it to 'stemcells' of openstackIaas: { "${key}": { imageId: "..." } }, or { stemcell: TARBALL } to upload one`,
      });
    }
    if ("imageId" in given) return pulumi.output(given.imageId);
    if ("stemcell" in given) return this.#uploadHeavy(given, stemcell);
    return this.#upload(given, stemcell);
  }

  #uploadHeavy(given: HeavyStemcell, stemcell: StemcellArgs): pulumi.Output<string> {
    const { name, opts } = this.#shared;
    const { file, diskFormat, cloudProperties } = unpackedStemcell(dashed(name, stemcell.os, stemcell.version), given, stemcell, "openstack", opts);
    return this.#upload({ imageFile: file, diskFormat, properties: cloudProperties.apply(imageProperties) }, stemcell);
  }

  #upload({ imageFile, diskFormat = "qcow2", properties }: pulumi.Inputs & { imageFile: pulumi.Input<string>; diskFormat?: pulumi.Input<string> }, { os, version }: StemcellArgs): pulumi.Output<string> {
    const { sdk, name, args, open, opts } = this.#shared;
    const common = { version, os_type: "linux", os_distro: os.split("-")[0] ?? os, architecture: "x86_64", hypervisor_type: "kvm", auto_disk_config: "True" };
    const image = new sdk.images.Image(
      dashed(name, os, version),
      {
        name: `bosh-openstack-kvm-${os}/${version}`,
        localFilePath: imageFile,
        diskFormat,
        containerFormat: "bare",
        visibility: args.stemcellVisibility ?? "private",
        properties: pulumi.output(properties).apply((own: Record<string, string> | undefined) => ({ ...common, ...own })),
        tags: Object.entries(open.tags).map(([key, value]) => `${key}=${value}`),
      },
      // Another version is another resource; the file may have gone, or be elsewhere on the next machine.
      pulumi.mergeOptions(opts, { ignoreChanges: ["localFilePath"] }),
    );
    return image.id;
  }
}

const propertyNames = ["os_type", "os_distro", "architecture", "auto_disk_config", "hw_vif_model", "hw_disk_bus", "hw_scsi_model", "hw_vif_multiqueue_enabled", "vmware_adaptertype", "vmware_disktype", "vmware_linked_clone", "vmware_ostype"];

/** Of a stemcell's cloud properties those that Glance keeps with an image. */
function imageProperties(stemcell: Record<string, unknown>): Record<string, string> {
  const named = [["hypervisor_type", stemcell["hypervisor"]], ...propertyNames.map((key) => [key, stemcell[key]])] as [string, unknown][];
  return Object.fromEntries(named.filter(([, value]) => value !== undefined).map(([key, value]) => [key, glanceText(value)]));
}

/** Booleans are Python's there. */
function glanceText(value: unknown): string {
  return typeof value === "boolean" ? (value ? "True" : "False") : String(value);
}
