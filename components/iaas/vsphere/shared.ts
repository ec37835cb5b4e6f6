import type * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { OpenArgs } from "../port.ts";
import type { VsphereIaasArgs } from "./options.ts";

/** What every part of an environment has at hand. */
export interface Shared {
  /** Name of the environment's resources. */
  name: string;
  args: VsphereIaasArgs;
  open: OpenArgs;
  provider: pulumi.ProviderResource | undefined;
  /** Of what the environment itself makes: its parent and provider. */
  opts: pulumi.CustomResourceOptions;
}

/** Longest name of an object in an inventory. */
const LONGEST = 80;

/** Names of inventory objects and files: without slashes and percent signs, which vCenter escapes. */
export function dashed(...parts: string[]): string {
  return parts.join("-").replace(/[^A-Za-z0-9_.-]+/g, "-");
}

/** @throws IaasError `iaas.name` for one that vCenter would refuse */
export function vmNameOf(deployment: string, slot: string): string {
  const name = dashed(deployment, slot);
  if (name.length <= LONGEST) return name;
  throw new IaasError("iaas.name", `The VM name ${name} has ${name.length} characters, and vCenter takes ${LONGEST}`, { method: "create_vm", hint: "shorten the name of the deployment or of the instance group" });
}

const MIB_IN_GIB = 1024;

/** Disks are made in whole GiB: the next full one. */
export const gib = (mib: number): number => Math.max(1, Math.ceil(mib / MIB_IN_GIB));
