// A stand-in for the OpenStack provider where no real one can be had: the resources that the adapter uses, with the replace lists of its
// documents, over the cloud's HTTP API.
import { serveStandIn } from "../../stand-in/serve.ts";
import { Api, type Credentials } from "./api.ts";
import * as balancer from "./balancer-parts.ts";
import * as compute from "./compute-parts.ts";
import { kindOf } from "./kind.ts";
import * as network from "./network-parts.ts";
import { queriesOf } from "./queries.ts";

const env = (name: string) => process.env[name] ?? "";
let credentials: Credentials = { authUrl: env("OS_AUTH_URL"), userName: env("OS_USERNAME"), password: env("OS_PASSWORD"), tenantName: env("OS_PROJECT_NAME"), domainName: env("OS_DOMAIN_NAME") };
let made: Api | undefined;
const api = () => (made ??= new Api(credentials));

serveStandIn({
  kinds: [...Object.values(network), ...Object.values(compute), ...Object.values(balancer)].map((part) => kindOf(part, api)),
  queries: queriesOf(api),
  configure(inputs) {
    const given = Object.keys(credentials).flatMap((key) => (typeof inputs[key] === "string" ? [[key, inputs[key] as string]] : []));
    credentials = { ...credentials, ...Object.fromEntries(given) };
  },
});
