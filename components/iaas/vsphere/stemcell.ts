import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { unpackedStemcell, type HeavyStemcell } from "../heavy-stemcell.ts";
import type { Stemcell, StemcellArgs } from "../port.ts";
import { ContentLibrary, ContentLibraryItem } from "./bindings/resources.ts";
import type { Inventory } from "./inventory.ts";
import type { OvfStemcell, TemplateStemcell, VsphereStemcell } from "./options.ts";
import { dashed, type Shared } from "./shared.ts";

const STEMCELL_GIB = 5;
const STEMCELL_GUEST = "ubuntu64Guest";

/** What a VM is cloned from. */
export interface Source {
  templateUuid: pulumi.Output<string>;
  linkedClone: boolean;
  diskGiB: number;
  /** The provider clones to no other than the template's own. */
  guestId: pulumi.Output<string>;
}

/** The environment's stemcells: templates, items of libraries, and items that are made here, each once. */
export class Stemcells {
  readonly #shared: Shared;
  readonly #inventory: Inventory;
  readonly #items = new Map<string, pulumi.Output<string>>();
  #library: ContentLibrary | undefined;

  constructor(shared: Shared, inventory: Inventory) {
    this.#shared = shared;
    this.#inventory = inventory;
  }

  /** @param datacenter where its id is asked for: templates are of one datacenter */
  get({ os, version }: StemcellArgs, datacenter: string): Stemcell {
    return { os, version, image: this.source({ os, version }, datacenter).templateUuid };
  }

  source({ os, version }: StemcellArgs, datacenter: string): Source {
    const key = `${os}/${version}`;
    const { stemcells } = this.#shared.args;
    const given = stemcells[key];
    if (given === undefined) {
      throw new IaasError("iaas.stemcell", `vSphere has no stemcell '${key}'`, {
        method: "create_stemcell",
        details: { known: Object.keys(stemcells) },
        hint: `add it to 'stemcells' of vsphereIaas: { "${key}": { template: "..." } }, { item: { library: "...", name: "..." } }, or { stemcell: TARBALL } to put one into a library`,
      });
    }
    const diskGiB = given.diskGiB ?? STEMCELL_GIB;
    if (!("template" in given)) return { templateUuid: this.#item(key, given, { os, version }), linkedClone: false, diskGiB, guestId: pulumi.output(STEMCELL_GUEST) };
    const template = this.#inventory.template(datacenter, given.template);
    return { templateUuid: template.id, linkedClone: given.linkedClone ?? false, diskGiB, guestId: template.apply(({ guestId }) => guestId ?? STEMCELL_GUEST) };
  }

  #item(key: string, given: Exclude<VsphereStemcell, TemplateStemcell>, stemcell: StemcellArgs): pulumi.Output<string> {
    if ("item" in given) return this.#inventory.libraryItem(given.item.library, given.item.name);
    const known = this.#items.get(key) ?? this.#upload(key, given, stemcell);
    this.#items.set(key, known);
    return known;
  }

  #upload(key: string, given: OvfStemcell | HeavyStemcell, stemcell: StemcellArgs): pulumi.Output<string> {
    const { name, args, open, opts } = this.#shared;
    const { library } = args;
    if (library === undefined) {
      throw new IaasError("iaas.stemcell", `The stemcell '${key}' is a file, and there is no library to put it into`, { method: "create_stemcell", hint: "give vsphereIaas 'library: { datacenter: DC, datastore: NAME }', or name a 'template' or an 'item' that is there" });
    }
    const label = dashed(name, "stemcells");
    this.#library ??= new ContentLibrary(label, { name: label, description: `Stemcells of the environment ${open.environment}`, storageBackings: [this.#inventory.datastore(library.datacenter, library.datastore)] }, opts);
    const ovfFile = "ovfFile" in given ? given.ovfFile : unpackedStemcell(dashed(name, key), given, stemcell, "vsphere", opts).file;
    const item = new ContentLibraryItem(
      dashed(name, key),
      { name: dashed("bosh-vsphere-esxi", key), libraryId: this.#library.id, type: "ovf", fileUrl: ovfFile },
      // Another version is another resource; the file may have gone, or be elsewhere on the next machine.
      pulumi.mergeOptions(opts, { ignoreChanges: ["fileUrl"] }),
    );
    return item.id;
  }
}
