import * as pulumi from "@pulumi/pulumi";
import { ask, type Answer, type Queries } from "./bindings/queries.ts";
import type { Shared } from "./shared.ts";

/** What is there already, by name: each thing asked for once by a program, whatever the number of VMs. */
export class Inventory {
  readonly #opts: pulumi.InvokeOutputOptions;
  readonly #found = new Map<string, pulumi.Output<Answer>>();

  constructor({ provider, opts }: Pick<Shared, "provider" | "opts">) {
    this.#opts = provider === undefined ? { parent: opts.parent! } : { provider };
  }

  datacenter(name: string): pulumi.Output<string> {
    return this.#id("getDatacenter", name, { name });
  }

  cluster(datacenter: string, name: string): pulumi.Output<Answer> {
    return this.#within("getComputeCluster", datacenter, name);
  }

  /** A pool of a cluster; without a name its root, in which all others are. */
  pool(datacenter: string, cluster: string, name: string | undefined): pulumi.Output<string> {
    if (name === undefined) return this.cluster(datacenter, cluster).apply(({ resourcePoolId }) => resourcePoolId ?? "");
    return this.#within("getResourcePool", datacenter, `${cluster}/Resources/${name}`).id;
  }

  datastore(datacenter: string, name: string): pulumi.Output<string> {
    return this.#within("getDatastore", datacenter, name).id;
  }

  datastoreCluster(datacenter: string, name: string): pulumi.Output<string> {
    return this.#within("getDatastoreCluster", datacenter, name).id;
  }

  portGroup(datacenter: string, name: string): pulumi.Output<string> {
    return this.#within("getNetwork", datacenter, name).id;
  }

  template(datacenter: string, name: string): pulumi.Output<Answer> {
    return this.#within("getVirtualMachine", datacenter, name);
  }

  libraryItem(library: string, name: string): pulumi.Output<string> {
    const libraryId = this.#id("getContentLibrary", library, { name: library });
    return this.#id("getContentLibraryItem", `${library}/${name}`, { name, libraryId, type: "ovf" });
  }

  policy(name: string): pulumi.Output<string> {
    return this.#id("getPolicy", name, { name });
  }

  tag(category: string, tag: string): pulumi.Output<string> {
    const categoryId = this.#id("getTagCategory", category, { name: category });
    return this.#id("getTag", `${category}/${tag}`, { name: tag, categoryId });
  }

  #within(query: "getComputeCluster" | "getResourcePool" | "getDatastore" | "getDatastoreCluster" | "getNetwork" | "getVirtualMachine", datacenter: string, name: string): pulumi.Output<Answer> {
    return this.#ask(query, `${datacenter}/${name}`, { name, datacenterId: this.datacenter(datacenter) });
  }

  #id<Name extends keyof Queries>(query: Name, key: string, args: Queries[Name]): pulumi.Output<string> {
    return this.#ask(query, key, args).id;
  }

  #ask<Name extends keyof Queries>(query: Name, key: string, args: Queries[Name]): pulumi.Output<Answer> {
    const known = this.#found.get(`${query} ${key}`) ?? ask(query, args, this.#opts);
    this.#found.set(`${query} ${key}`, known);
    return known;
  }
}
