// A stand-in for the AWS provider, which can't be had where tests run: the resources that the adapter uses, with the replace lists of its
// documents, over Amazon's own SDK. Started by the engine.
import { kindOf, type Part } from "../../stand-in/kind.ts";
import { serveStandIn } from "../../stand-in/serve.ts";
import * as balancer from "./balancer-parts.ts";
import * as buckets from "./bucket-parts.ts";
import { Clients } from "./clients.ts";
import * as network from "./network-parts.ts";
import * as vm from "./vm-parts.ts";

let clients: Clients | undefined;
const isPart = (value: unknown): value is Part<Clients> => typeof value === "object" && value !== null && "type" in value;
const parts = [network, vm, balancer, buckets].flatMap((group) => Object.values(group)).filter(isPart);
const kinds = parts.map((part) => kindOf(part, () => (clients ??= new Clients(process.env["AWS_REGION"] ?? "us-east-1"))));
serveStandIn({
  kinds,
  configure({ region }) {
    if (typeof region === "string") clients = new Clients(region);
  },
});
