import { Refused, type Guests, type Route, type Store, type Thing } from "./store.ts";
import { makePort } from "./network.ts";

export function computeRoutes(store: Store, guests: Guests | undefined): Route[] {
  return [
    ["GET", /^\/compute\/v2.1\/flavors\/detail$/, () => ({ body: { flavors: store.flavors.all() } })],
    ["GET", /^\/compute\/v2.1\/limits$/, () => ({ body: { limits: { absolute: { maxTotalInstances: store.quota.instances, totalInstancesUsed: store.servers.all().length, maxTotalCores: 200, totalCoresUsed: store.servers.all().length, maxTotalRAMSize: 512_000, totalRAMUsed: store.servers.all().length * 1024 } } } })],
    ["POST", /^\/compute\/v2.1\/os-server-groups$/, ({ body }) => ({ body: { server_group: store.serverGroups.add(body.server_group) } })],
    ["GET", /^\/compute\/v2.1\/os-server-groups$/, () => ({ body: { server_groups: store.serverGroups.all() } })],
    ["GET", /^\/compute\/v2.1\/os-server-groups\/([^/]+)$/, ({ params }) => ({ body: { server_group: store.serverGroups.get(params[0]!) } })],
    ["DELETE", /^\/compute\/v2.1\/os-server-groups\/([^/]+)$/, ({ params }) => (store.serverGroups.remove(params[0]!), { status: 204 })],
    ["POST", /^\/compute\/v2.1\/servers$/, ({ body }) => ({ status: 202, body: { server: createServer(store, guests, body) } })],
    ["GET", /^\/compute\/v2.1\/servers\/detail$/, ({ query }) => ({ body: serverPage(store, query.get("marker")) })],
    ["GET", /^\/compute\/v2.1\/servers\/([^/]+)$/, ({ params }) => ({ body: { server: store.servers.get(params[0]!) } })],
    ["POST", /^\/compute\/v2.1\/servers\/([^/]+)\/metadata$/, ({ params, body }) => ({ body: { metadata: Object.assign(store.servers.get(params[0]!)["metadata"], body.metadata) } })],
    ["PUT", /^\/compute\/v2.1\/servers\/([^/]+)$/, ({ params, body }) => ({ body: { server: Object.assign(store.servers.get(params[0]!), body.server) } })],
    ["DELETE", /^\/compute\/v2.1\/servers\/([^/]+)$/, ({ params }) => (deleteServer(store, guests, store.servers.get(params[0]!)), { status: 204 })],
    ["POST", /^\/compute\/v2.1\/servers\/([^/]+)\/os-volume_attachments$/, ({ params, body }) => attach(guests, store.servers.get(params[0]!), store.volumes.get(body.volumeAttachment.volumeId))],
    [
      "GET",
      /^\/compute\/v2.1\/servers\/([^/]+)\/os-volume_attachments\/([^/]+)$/,
      ({ params }) => {
        const found = (store.volumes.get(params[1]!)["attachments"] as Thing[]).find((a) => a["server_id"] === params[0]);
        if (!found) throw new Refused(404, `volume_id not found: ${params[1]}`);
        return { body: { volumeAttachment: { id: params[1], volumeId: params[1], serverId: params[0], device: found["device"] } } };
      },
    ],
    ["DELETE", /^\/compute\/v2.1\/servers\/([^/]+)\/os-volume_attachments\/([^/]+)$/, async ({ params }) => (await detach(guests, store.servers.get(params[0]!), store.volumes.get(params[1]!)), { status: 202 })],
  ];
}

function serverPage({ servers, pageSize }: Store, marker: string | null) {
  const all = servers.all();
  const rest = all.slice(all.findIndex(({ id }) => id === marker) + 1);
  const shown = rest.slice(0, pageSize);
  return { servers: shown, ...(shown.length < rest.length ? { servers_links: [{ rel: "next", href: `http://controller.internal/v2.1/servers/detail?marker=${shown.at(-1)!.id}` }] } : {}) };
}

function createServer(store: Store, guests: Guests | undefined, { server, "os:scheduler_hints": hints }: { server: Record<string, any>; "os:scheduler_hints"?: { group?: string } }): Thing {
  const used = store.servers.all().length;
  if (used >= store.quota.instances) throw new Refused(403, `Quota exceeded for instances: Requested 1, but already used ${used} of ${store.quota.instances} instances`);
  store.flavors.get(server["flavorRef"]);
  if (server["imageRef"]) store.images.get(server["imageRef"]);
  if (hints?.group) store.serverGroups.get(hints.group);
  const ports = (server["networks"] as { port: string }[]).map(({ port }) => store.ports.get(port));
  for (const port of ports) if (port["device_id"] !== "") throw new Refused(409, `Port ${port.id} is still in use.`);
  const made = store.servers.add({ name: server["name"], status: "BUILD", metadata: server["metadata"] ?? {}, image: { id: server["imageRef"] }, flavor: { id: server["flavorRef"] }, "OS-EXT-AZ:availability_zone": server["availability_zone"], config_drive: server["config_drive"] ? "True" : "", user_data: server["user_data"], hints, created: new Date().toISOString() });
  store.events.push(`begin ${made["name"]}`);
  for (const port of ports) Object.assign(port, { device_id: made.id, device_owner: "compute:nova", status: "ACTIVE" });
  const ips = ports.flatMap((port) => port["fixed_ips"].map((f: { ip_address: string }) => f.ip_address as string));
  const userData = Buffer.from(String(server["user_data"] ?? ""), "base64").toString("utf8");
  const booted = guests ? guests.boot(made, userData, ips) : Promise.resolve();
  booted.then(
    () => (made["status"] = "ACTIVE"),
    (error: unknown) => Object.assign(made, { status: "ERROR", fault: { code: 500, message: String(error) } }),
  );
  return made;
}

function deleteServer(store: Store, guests: Guests | undefined, server: Thing): void {
  const attached = store.volumes.all().filter((v) => v["attachments"].some((a: Thing) => a["server_id"] === server.id));
  const finish = async () => {
    store.events.push(`end ${server["name"]}`);
    await guests?.end(server);
    for (const volume of attached) Object.assign(volume, { attachments: [], status: "available" });
    for (const port of store.ports.all().filter((p) => p["device_id"] === server.id)) Object.assign(port, { device_id: "", device_owner: "", status: "DOWN" });
    if (store.servers.find(server.id)) store.servers.remove(server.id);
  };
  server["OS-EXT-STS:task_state"] = "deleting";
  void finish();
}

async function attach(guests: Guests | undefined, server: Thing, volume: Thing) {
  if (server["status"] !== "ACTIVE") throw new Refused(409, `Cannot 'attach_volume' instance ${server.id} while it is in vm_state ${server["status"]}`);
  if (volume["status"] !== "available") throw new Refused(400, `Invalid volume: volume ${volume.id} status must be available. Currently in ${volume["status"]}`);
  volume["status"] = "attaching";
  const device = guests ? await guests.attach(server, volume) : "/dev/vdb";
  Object.assign(volume, { status: "in-use", attachments: [{ id: volume.id, server_id: server.id, volume_id: volume.id, device }] });
  return { body: { volumeAttachment: { id: volume.id, serverId: server.id, volumeId: volume.id, device } } };
}

async function detach(guests: Guests | undefined, server: Thing, volume: Thing): Promise<void> {
  if (!volume["attachments"].some((a: Thing) => a["server_id"] === server.id)) throw new Refused(404, `volume_id not found: ${volume.id}`);
  await guests?.detach(server, volume);
  Object.assign(volume, { attachments: [], status: "available" });
}

/** The port of a load balancer's address. */
export function vipPort(store: Store, subnetId: string, address: string | undefined): Thing {
  const subnet = store.subnets.get(subnetId);
  return makePort(store, { network_id: subnet["network_id"], fixed_ips: [{ subnet_id: subnetId, ip_address: address }], device_owner: "Octavia", name: "octavia-lb" });
}
