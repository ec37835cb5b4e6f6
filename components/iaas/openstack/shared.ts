import type * as pulumi from "@pulumi/pulumi";
import type { OpenArgs } from "../port.ts";
import type { OpenstackIaasArgs } from "./options.ts";
import type { Openstack } from "./sdk.ts";

/** What every part of an environment has at hand. */
export interface Shared {
  sdk: Openstack;
  /** Name of the environment's resources. */
  name: string;
  args: OpenstackIaasArgs;
  open: OpenArgs;
  /** Of what the environment itself makes: its parent and provider. */
  opts: pulumi.CustomResourceOptions;
}

/** Names of clouds' objects: a space is fine, a slash in some is not. */
export function dashed(...parts: string[]): string {
  return parts.join("-").replace(/[^A-Za-z0-9_.-]+/g, "-");
}
