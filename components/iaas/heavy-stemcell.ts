import type * as pulumi from "@pulumi/pulumi";
import { StemcellImage } from "../../provider/resources/stemcell-image.ts";
import type { StemcellArgs } from "./port.ts";
import { withoutProvider } from "./without-provider.ts";

/** A stemcell as BOSH has it, `bosh-stemcell-1.484-openstack-kvm-ubuntu-noble.tgz`: unpacked where the deployer runs, and uploaded once. */
export interface HeavyStemcell {
  /** Path or URL of the tarball. */
  stemcell: string;
  /** BOSH digest of the tarball; another one is another image. */
  sha1?: string;
}

/** The stemcell's disk, unpacked. */
export function unpackedStemcell(name: string, { stemcell, sha1 }: HeavyStemcell, { os, version }: StemcellArgs, infrastructure: "openstack" | "vsphere", opts: pulumi.CustomResourceOptions): StemcellImage {
  return new StemcellImage(name, { os, version, infrastructure, url: stemcell, digest: sha1 }, withoutProvider(opts));
}
