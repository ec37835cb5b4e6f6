// A stand-in for the vSphere provider where no real one can be had: the resources that the adapter uses, with the replace lists of its
// documents, over vCenter's API. Started by the engine.
import { z } from "zod";
import type { Query } from "../../../../provider/resource-kind.ts";
import { kindOf, type Fields } from "../../stand-in/kind.ts";
import { serveStandIn } from "../../stand-in/serve.ts";
import { Api } from "./api.ts";
import * as parts from "./parts.ts";

const token = (name: string) => `vsphere:index/${name}:${name[0]!.toUpperCase()}${name.slice(1)}`;
const connection: Record<string, string> = {};
let made: Api | undefined;
const api = () => (made ??= new Api(process.env["VCSIM"]!, connection));

const queries = ["Datacenter", "ComputeCluster", "ResourcePool", "Datastore", "Network", "VirtualMachine"].map(
  (kind): Query<Fields, Fields> => ({
    token: `vsphere:index/get${kind}:get${kind}`,
    schema: z.record(z.string(), z.any()),
    secret: false,
    answer: async (args) => ({ ...args, ...(await api().call<object>("lookUp", { kind, name: args["name"], datacenter: args["datacenterId"] })) }),
  }),
);

serveStandIn({
  kinds: Object.values(parts).map((part) => kindOf({ ...part, type: token(part.type) }, api)),
  queries,
  configure(inputs) {
    const names = { vsphereServer: "VSPHERE_SERVER", user: "VSPHERE_USER", password: "VSPHERE_PASSWORD" };
    for (const [input, name] of Object.entries(names)) if (typeof inputs[input] === "string") connection[name] = inputs[input] as string;
  },
});
