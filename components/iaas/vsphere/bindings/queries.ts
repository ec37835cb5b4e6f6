import * as pulumi from "@pulumi/pulumi";
import { PLUGIN_VERSION } from "./resources.ts";

/** Questions of the provider about what is there already, and what each needs to know. */
export interface Queries {
  getDatacenter: { name: string };
  getComputeCluster: { name: string; datacenterId: pulumi.Input<string> };
  getResourcePool: { name: string; datacenterId: pulumi.Input<string> };
  getDatastore: { name: string; datacenterId: pulumi.Input<string> };
  getDatastoreCluster: { name: string; datacenterId: pulumi.Input<string> };
  getNetwork: { name: string; datacenterId: pulumi.Input<string> };
  getVirtualMachine: { name: string; datacenterId: pulumi.Input<string> };
  getContentLibrary: { name: string };
  getContentLibraryItem: { name: string; libraryId: pulumi.Input<string>; type: string };
  getPolicy: { name: string };
  getTagCategory: { name: string };
  getTag: { name: string; categoryId: pulumi.Input<string> };
}

/** What a question is answered with: the id in any case. */
export interface Answer {
  id: string;
  /** Of a cluster: its root pool. */
  resourcePoolId?: string;
  /** Of a template. */
  guestId?: string;
}

export function ask<Name extends keyof Queries>(query: Name, args: Queries[Name], opts: pulumi.InvokeOutputOptions): pulumi.Output<Answer> {
  return pulumi.runtime.invokeOutput<Answer>(`vsphere:index/${query}:${query}`, args as pulumi.Inputs, { version: PLUGIN_VERSION, ...opts });
}
