import { Refused, type Guests, type Route, type Store, type Thing } from "./store.ts";

const PREFIX = "203.0.113";
const FIRST = 100;

const subnetOf = (port: Thing) => String(port["fixed_ips"][0].subnet_id);

/** Whether a port of the subnet has a floating address. */
export function isExposed(store: Store, subnetId: string): boolean {
  return store.floatingIps.all().some((ip) => ip["port_id"] && store.ports.find(ip["port_id"]) && subnetOf(store.ports.get(ip["port_id"])) === subnetId);
}

/** Addresses of external networks, each for one port behind a router that leads there. */
export function floatingIpRoutes(store: Store, guests: Guests | undefined): Route[] {
  const path = /^\/network\/v2.0\/floatingips\/([^/]+)$/;
  return [
    ["GET", /^\/network\/v2.0\/floatingips$/, () => ({ body: { floatingips: store.floatingIps.all() } })],
    ["POST", /^\/network\/v2.0\/floatingips$/, async ({ body }) => ({ status: 201, body: { floatingip: await allocate(store, guests, body.floatingip) } })],
    ["GET", path, ({ params }) => ({ body: { floatingip: store.floatingIps.get(params[0]!) } })],
    ["PUT", path, ({ params, body }) => ({ body: { floatingip: changed(store.floatingIps.get(params[0]!), body.floatingip) } })],
    ["PUT", /^\/network\/v2.0\/floatingips\/([^/]+)\/tags$/, ({ params, body }) => ({ body: { tags: (store.floatingIps.get(params[0]!)["tags"] = body.tags) } })],
    [
      "DELETE",
      path,
      async ({ params }) => {
        await guests?.hide?.(store.floatingIps.get(params[0]!)["floating_ip_address"]);
        store.floatingIps.remove(params[0]!);
        return { status: 204 };
      },
    ],
  ];
}

async function allocate(store: Store, guests: Guests | undefined, fields: Record<string, string>): Promise<Thing> {
  const network = store.networks.get(fields["floating_network_id"]!);
  if (!network["router:external"]) throw new Refused(400, `Bad floatingip request: Network ${network.id} is not a valid external network.`);
  const port = store.ports.get(fields["port_id"]!);
  const subnetId = subnetOf(port);
  const reached = store.routers.all().some((r) => r["external_gateway_info"]?.network_id === network.id && r["interfaces"].includes(subnetId));
  if (!reached) throw new Refused(404, `External network ${network.id} is not reachable from subnet ${subnetId}. Therefore, cannot associate Port ${port.id} with a Floating IP.`);
  if (store.floatingIps.all().some((ip) => ip["port_id"] === port.id)) throw new Refused(409, `Cannot associate floating IP with port ${port.id}: it already has one on external network ${network.id}.`);
  const taken = new Set(store.floatingIps.all().map((ip) => ip["floating_ip_address"]));
  let last = FIRST;
  while (taken.has(`${PREFIX}.${last}`)) last += 1;
  const [fixed] = port["fixed_ips"];
  const made = store.floatingIps.add({ tags: [], ...fields, floating_ip_address: `${PREFIX}.${last}`, fixed_ip_address: fixed.ip_address, status: "ACTIVE" });
  await guests?.expose?.(made["floating_ip_address"], fixed.ip_address);
  return made;
}

function changed(ip: Thing, fields: Record<string, unknown>): Thing {
  if ("port_id" in fields && fields["port_id"] !== ip["port_id"]) throw new Refused(400, "The fake moves no floating IP to another port");
  return Object.assign(ip, fields);
}
