import type * as pulumi from "@pulumi/pulumi";

/** A provider of the cloud can't be that of our own resources. */
export function withoutProvider({ provider: _, ...opts }: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  return opts;
}
