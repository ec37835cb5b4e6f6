import type { Stray } from "../strays.ts";
import { OpenstackApi, type OpenstackService } from "./api.ts";

interface Listed {
  id: string;
  name?: string;
  description?: string;
  tags?: readonly string[];
  metadata?: Readonly<Record<string, string>>;
}

/** What carries an environment's name, in an order in which each can go. */
const kinds: readonly { what: string; service: OpenstackService; path: string; many: string; detail?: string; query?: string }[] = [
  { what: "load balancer", service: "balancer", path: "/v2.0/lbaas/loadbalancers", many: "loadbalancers", query: "?cascade=true" },
  { what: "floating IP", service: "network", path: "/v2.0/floatingips", many: "floatingips" },
  { what: "server", service: "compute", path: "/servers", detail: "/detail", many: "servers" },
  { what: "port", service: "network", path: "/v2.0/ports", many: "ports" },
  { what: "volume", service: "volume", path: "/volumes", detail: "/detail", many: "volumes" },
  { what: "router", service: "network", path: "/v2.0/routers", many: "routers" },
  { what: "subnet", service: "network", path: "/v2.0/subnets", many: "subnets" },
  { what: "network", service: "network", path: "/v2.0/networks", many: "networks" },
  { what: "security group", service: "network", path: "/v2.0/security-groups", many: "security_groups" },
  { what: "image", service: "image", path: "/v2/images", many: "images" },
];

/** How an environment's objects are marked. */
export interface Mark {
  environment: string;
  description: string;
}

/**
 * What the project has that is marked as the environment's, besides what is known: made by a call whose answer was lost.
 *
 * @param known ids of all that the state has
 * @throws IaasError `iaas.credentials`, `iaas.unreachable`
 */
export async function openstackStrays(env: NodeJS.ProcessEnv, { environment, description }: Mark, known: ReadonlySet<string>): Promise<Stray[]> {
  const api = await OpenstackApi.open(env);
  const found = await Promise.all(
    kinds.map(async ({ what, service, path, detail = "", many, query = "" }) => {
      if (api.endpoint(service) === undefined) return [];
      const listed = await api.list<Listed>(service, `${path}${detail}`, many);
      const isOurs = ({ metadata, tags, ...one }: Listed) => metadata?.["environment"] === environment || (tags ?? []).includes(`environment=${environment}`) || one.description === description;
      const strays = listed.filter((one) => !known.has(one.id) && isOurs(one));
      return strays.map(({ id, name }): Stray => ({ id, about: `${what} ${name || "without a name"}`, remove: () => api.remove(service, `${path}/${id}${query}`) }));
    }),
  );
  return found.flat();
}
