import { isIP } from "node:net";
import { floatingIpRoutes, isExposed } from "./floating-ip.ts";
import { Refused, type Guests, type Route, type Store, type Thing } from "./store.ts";

const number = (ip: string) => ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const text = (value: number) => [24, 16, 8, 0].map((shift) => (value / 2 ** shift) & 255).join(".");
const within = (cidr: string, ip: string) => {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(base) / size) === Math.floor(number(ip) / size);
};

let macs = 0;

/** A port on a network, with the addresses asked for or the next of its subnet's pool. */
export function makePort(store: Store, fields: Record<string, any>): Thing {
  store.networks.get(fields["network_id"]);
  const wanted = (fields["fixed_ips"] as { subnet_id: string; ip_address?: string }[] | undefined) ?? [];
  const taken = new Set(store.ports.all().flatMap((port) => port["fixed_ips"].map((f: { ip_address: string }) => f.ip_address)));
  const fixed = wanted.map(({ subnet_id, ip_address }) => {
    const subnet = store.subnets.get(subnet_id);
    const address = ip_address ?? freeOf(subnet, taken);
    if (isIP(address) !== 4 || !within(subnet["cidr"], address)) throw new Refused(400, `IP address ${address} is not a valid IP for the specified subnet.`);
    if (taken.has(address) || address === subnet["gateway_ip"]) throw new Refused(409, `IP address ${address} already allocated in subnet ${subnet_id}`);
    return { subnet_id, ip_address: address };
  });
  for (const group of fields["security_groups"] ?? []) store.securityGroups.get(group);
  macs += 1;
  const mac = `fa:16:3e:${[16, 8, 0].map((shift) => ((macs >> shift) & 255).toString(16).padStart(2, "0")).join(":")}`;
  return store.ports.add({ security_groups: [], device_id: "", device_owner: "", allowed_address_pairs: [], tags: [], ...fields, fixed_ips: fixed, mac_address: mac, status: "DOWN" });
}

function freeOf(subnet: Thing, taken: Set<string>): string {
  const [pool] = subnet["allocation_pools"] as { start: string; end: string }[];
  for (let at = number(pool!.start); at <= number(pool!.end); at += 1) if (!taken.has(text(at))) return text(at);
  throw new Refused(409, `No more IP addresses available on network ${subnet["network_id"]}.`);
}

export function networkRoutes(store: Store, guests?: Guests): Route[] {
  const plain = (path: string, one: string, many: string, collection: Store["networks"], make: (fields: any) => Record<string, unknown>, free: (thing: Thing) => string | undefined): Route[] => [
    ["GET", new RegExp(`^/network/v2.0/${path}$`), ({ query }) => ({ body: { [many]: collection.all().filter((t) => [...query].every(([k, v]) => String(t[k]) === v)) } })],
    ["POST", new RegExp(`^/network/v2.0/${path}$`), ({ body }) => ({ status: 201, body: { [one]: collection.add(make(body[one])) } })],
    ["GET", new RegExp(`^/network/v2.0/${path}/([^/]+)$`), ({ params }) => ({ body: { [one]: collection.get(params[0]!) } })],
    ["PUT", new RegExp(`^/network/v2.0/${path}/([^/]+)$`), ({ params, body }) => ({ body: { [one]: Object.assign(collection.get(params[0]!), body[one]) } })],
    ["PUT", new RegExp(`^/network/v2.0/${path}/([^/]+)/tags$`), ({ params, body }) => ({ body: { tags: (collection.get(params[0]!)["tags"] = body.tags) } })],
    [
      "DELETE",
      new RegExp(`^/network/v2.0/${path}/([^/]+)$`),
      ({ params }) => {
        const user = free(collection.get(params[0]!));
        if (user !== undefined) throw new Refused(409, `Unable to complete operation on ${one} ${params[0]}: ${user}`);
        collection.remove(params[0]!);
        return { status: 204 };
      },
    ],
  ];
  const portsOn = (test: (port: Thing) => boolean) => (store.ports.all().some(test) ? "One or more ports have an IP allocation from it." : undefined);
  return [
    ...plain("networks", "network", "networks", store.networks, (f) => ({ status: "ACTIVE", tags: [], ...f }), (n) => portsOn((p) => p["network_id"] === n.id) ?? (store.subnets.all().some((s) => s["network_id"] === n.id) ? "it has subnets" : undefined)),
    ...plain("subnets", "subnet", "subnets", store.subnets, (f) => (store.networks.get(f.network_id), { tags: [], ...f }), (s) => portsOn((p) => p["fixed_ips"].some((ip: { subnet_id: string }) => ip.subnet_id === s.id))),
    ...plain("routers", "router", "routers", store.routers, (f) => ({ status: "ACTIVE", interfaces: [], tags: [], ...f }), (r) => (r["interfaces"].length > 0 ? "it still has interfaces" : undefined)),
    ...plain("security-groups", "security_group", "security_groups", store.securityGroups, (f) => ({ tags: [], ...f }), (g) => portsOn((p) => p["security_groups"].includes(g.id)) ?? (void store.rules.all().filter((r) => r["security_group_id"] === g.id).forEach((r) => store.rules.remove(r.id)), undefined)),
    ...plain("security-group-rules", "security_group_rule", "security_group_rules", store.rules, (f) => checkedRule(store, f), () => undefined),
    ["POST", /^\/network\/v2.0\/ports$/, ({ body }) => ({ status: 201, body: { port: makePort(store, body.port) } })],
    ...plain("ports", "port", "ports", store.ports, (f) => f, () => undefined).filter(([method]) => method !== "POST"),
    ["PUT", /^\/network\/v2.0\/routers\/([^/]+)\/add_router_interface$/, ({ params, body }) => (store.routers.get(params[0]!)["interfaces"].push(store.subnets.get(body.subnet_id).id), { body: { subnet_id: body.subnet_id, port_id: body.subnet_id } })],
    [
      "PUT",
      /^\/network\/v2.0\/routers\/([^/]+)\/remove_router_interface$/,
      ({ params, body }) => {
        const router = store.routers.get(params[0]!);
        if (isExposed(store, body.subnet_id)) throw new Refused(409, `Router interface for subnet ${body.subnet_id} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`);
        if (!router["interfaces"].includes(body.subnet_id)) throw new Refused(404, `Router ${router.id} has no interface on subnet ${body.subnet_id}`);
        router["interfaces"] = router["interfaces"].filter((id: string) => id !== body.subnet_id);
        return { body: {} };
      },
    ],
    ...floatingIpRoutes(store, guests),
  ];
}

function checkedRule(store: Store, fields: Record<string, unknown>): Record<string, unknown> {
  store.securityGroups.get(String(fields["security_group_id"]));
  const same = (a: Record<string, unknown>) => ["security_group_id", "direction", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"].every((key) => (a[key] ?? null) === (fields[key] ?? null));
  if (store.rules.all().some(same)) throw new Refused(409, "Security group rule already exists.");
  return fields;
}
