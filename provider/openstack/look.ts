import { setTimeout as sleep } from "node:timers/promises";
import { IaasError } from "../../director/core/errors.ts";
import { type Account, type Look, type Mark, ownerOf, type Seen, type SeenDisk, type SeenVm, textIn } from "../seen.ts";
import { OpenstackApi, type OpenstackService } from "./api.ts";

interface Listed {
  id: string;
  name?: string;
  description?: string;
  tags?: readonly string[];
  metadata?: Readonly<Record<string, string>>;
}

interface Server extends Listed {
  status?: string;
  created?: string;
  "OS-EXT-AZ:availability_zone"?: string;
  addresses?: Readonly<Record<string, readonly { addr: string }[]>>;
}

interface Volume extends Listed {
  size: number;
  availability_zone?: string;
  attachments?: readonly { server_id: string }[];
}

/** What else carries an environment's name, in an order in which each can go. */
const kinds: readonly { what: string; service: OpenstackService; path: string; many: string; query?: string }[] = [
  { what: "load balancer", service: "balancer", path: "/v2.0/lbaas/loadbalancers", many: "loadbalancers", query: "?cascade=true" },
  { what: "floating IP", service: "network", path: "/v2.0/floatingips", many: "floatingips" },
  { what: "port", service: "network", path: "/v2.0/ports", many: "ports" },
  { what: "router", service: "network", path: "/v2.0/routers", many: "routers" },
  { what: "subnet", service: "network", path: "/v2.0/subnets", many: "subnets" },
  { what: "network", service: "network", path: "/v2.0/networks", many: "networks" },
  { what: "security group", service: "network", path: "/v2.0/security-groups", many: "security_groups" },
  { what: "image", service: "image", path: "/v2/images", many: "images" },
];

/** What a server is that does not run and will not by itself. */
const ended = new Set(["SHUTOFF", "ERROR", "SUSPENDED", "PAUSED", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED"]);
const GONE_MS = 120_000;
const POLL_MS = 500;

/** Servers, volumes and what else the project has that is marked as the environment's. */
export const lookAtOpenstack: Look = async (account, mark): Promise<Seen> => {
  const api = await OpenstackApi.open(variables(account));
  const list = async <T extends Listed>(service: OpenstackService, path: string, many: string): Promise<T[]> =>
    api.endpoint(service) === undefined ? [] : (await api.list<T>(service, path, many)).filter((one) => isOurs(one, mark));
  const [servers, volumes, ...rest] = await Promise.all([
    list<Server>("compute", "/servers/detail", "servers"),
    list<Volume>("volume", "/volumes/detail", "volumes"),
    ...kinds.map(async ({ what, service, path, many, query = "" }) => (await list(service, path, many)).filter(({ id }) => !account.known.has(id)).map(({ id, name }) => ({ id, about: `${what} ${name || "without a name"}`, remove: () => api.remove(service, `${path}/${id}${query}`) }))),
  ]);
  return { vms: servers.filter(({ status }) => status !== "DELETED").map((server) => vmOf(api, server, account.known.has(server.id))), disks: volumes.map((volume) => diskOf(api, volume, account.known.has(volume.id))), others: rest.flat() };
};

function isOurs({ metadata, tags, ...one }: Listed, { environment, description }: Mark): boolean {
  return metadata?.["environment"] === environment || (tags ?? []).includes(`environment=${environment}`) || one.description === description;
}

function vmOf(api: OpenstackApi, { id, name, status = "", created, addresses = {}, ...more }: Server, owned: boolean): SeenVm {
  const ip = Object.values(addresses).flat()[0]?.addr ?? "";
  return { cid: id, name: name ?? "", owned, state: ended.has(status) ? "stopped" : "running", az: more["OS-EXT-AZ:availability_zone"] ?? "", ip, createdAt: created ?? "", remove: () => removeServer(api, id) };
}

function diskOf(api: OpenstackApi, { id, name, size, metadata = {}, availability_zone: az = "", attachments = [] }: Volume, owned: boolean): SeenDisk {
  const owner = ownerOf(metadata, az);
  return { cid: id, name: name ?? "", owned, sizeMiB: size * 1024, attachedTo: attachments[0]?.server_id, ...(owner && { owner }), remove: () => api.remove("volume", `/volumes/${id}`) };
}

/** What it has, its ports and volumes, is free only once it is gone. */
async function removeServer(api: OpenstackApi, id: string): Promise<void> {
  await api.remove("compute", `/servers/${id}`);
  for (const until = Date.now() + GONE_MS; (await api.find("compute", `/servers/${id}`)) !== undefined; await sleep(POLL_MS)) {
    if (Date.now() > until) throw new IaasError("iaas.slow", `Server ${id} is still there ${GONE_MS / 1000} s after its deletion`, { method: "delete_vm", retryable: true });
  }
}

/** What a provider can be told that the API is to know, by the variable that says the same. */
const inputs: Readonly<Record<string, string>> = {
  authUrl: "OS_AUTH_URL",
  region: "OS_REGION_NAME",
  userName: "OS_USERNAME",
  password: "OS_PASSWORD",
  tenantId: "OS_PROJECT_ID",
  tenantName: "OS_PROJECT_NAME",
  domainName: "OS_DOMAIN_NAME",
  userDomainName: "OS_USER_DOMAIN_NAME",
  projectDomainName: "OS_PROJECT_DOMAIN_NAME",
  applicationCredentialId: "OS_APPLICATION_CREDENTIAL_ID",
  applicationCredentialSecret: "OS_APPLICATION_CREDENTIAL_SECRET",
};

function variables({ env, provider }: Account): NodeJS.ProcessEnv {
  return { ...env, ...Object.fromEntries(Object.entries(inputs).flatMap(([key, name]) => (textIn(provider, key) === undefined ? [] : [[name, textIn(provider, key)]]))) };
}
