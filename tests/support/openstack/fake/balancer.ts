import { vipPort } from "./compute.ts";
import { Refused, type Route, type Store, type Thing } from "./store.ts";

const BUSY_MS = 30;

/** Octavia: one change at a time for each load balancer, else 409, as the real one. */
export function balancerRoutes(store: Store): Route[] {
  const root = "/load-balancer/v2.0/lbaas";
  const of = (thing: Thing): Thing => store.balancers.get(thing["loadbalancer_id"] ?? thing.id);
  const change = (balancer: Thing) => {
    if (balancer["provisioning_status"] !== "ACTIVE") throw new Refused(409, `Load Balancer ${balancer.id} is immutable and cannot be updated.`);
    balancer["provisioning_status"] = "PENDING_UPDATE";
    setTimeout(() => (balancer["provisioning_status"] = "ACTIVE"), BUSY_MS);
  };
  const children = (id: string) => [store.listeners, store.pools].flatMap((part) => part.all().filter((t) => t["loadbalancer_id"] === id));
  const sub = (path: string, one: string, collection: Store["listeners"], parent: (fields: any, params: string[]) => Thing, busy: (thing: Thing) => boolean = () => false): Route[] => {
    const many = new RegExp(`^${root}/${path}$`);
    const single = new RegExp(`^${root}/${path}/([^/]+)$`);
    return [
      ["POST", many, ({ body, params }) => {
        const balancer = parent(body[one], params);
        change(balancer);
        return { status: 201, body: { [one]: collection.add({ ...body[one], loadbalancer_id: balancer.id, pool_id: body[one].pool_id ?? params[0], provisioning_status: "ACTIVE" }) } };
      }],
      ["GET", single, ({ params }) => ({ body: { [one]: shown(collection.get(params.at(-1)!), of) } })],
      ["PUT", single, ({ params, body }) => {
        const thing = collection.get(params.at(-1)!);
        change(of(thing));
        return { body: { [one]: Object.assign(thing, body[one]) } };
      }],
      ["DELETE", single, ({ params }) => {
        const thing = collection.get(params.at(-1)!);
        if (busy(thing)) throw new Refused(409, `${one} ${thing.id} is in use.`);
        change(of(thing));
        collection.remove(thing.id);
        return { status: 204 };
      }],
    ];
  };
  return [
    ["POST", new RegExp(`^${root}/loadbalancers$`), ({ body }) => {
      const fields = body.loadbalancer;
      const port = vipPort(store, fields.vip_subnet_id, fields.vip_address);
      const made = store.balancers.add({ tags: [], ...fields, vip_port_id: port.id, vip_address: port["fixed_ips"][0].ip_address, provisioning_status: "PENDING_CREATE" });
      setTimeout(() => (made["provisioning_status"] = "ACTIVE"), BUSY_MS);
      return { status: 201, body: { loadbalancer: made } };
    }],
    ["GET", new RegExp(`^${root}/loadbalancers$`), () => ({ body: { loadbalancers: store.balancers.all() } })],
    ["GET", new RegExp(`^${root}/loadbalancers/([^/]+)$`), ({ params }) => ({ body: { loadbalancer: store.balancers.get(params[0]!) } })],
    ["PUT", new RegExp(`^${root}/loadbalancers/([^/]+)$`), ({ params, body }) => (change(store.balancers.get(params[0]!)), { body: { loadbalancer: Object.assign(store.balancers.get(params[0]!), body.loadbalancer) } })],
    ["DELETE", new RegExp(`^${root}/loadbalancers/([^/]+)$`), ({ params }) => {
      const balancer = store.balancers.get(params[0]!);
      if (children(balancer.id).length > 0) throw new Refused(400, `Cannot delete Load Balancer ${balancer.id} - it has children`);
      if (balancer["provisioning_status"] !== "ACTIVE") throw new Refused(409, `Load Balancer ${balancer.id} is immutable and cannot be updated.`);
      store.ports.remove(balancer["vip_port_id"]);
      store.balancers.remove(balancer.id);
      return { status: 204 };
    }],
    ...sub("pools/([^/]+)/members", "member", store.members, (_fields, [pool]) => of(store.pools.get(pool!))),
    ...sub("listeners", "listener", store.listeners, (f) => store.balancers.get(f.loadbalancer_id), (l) => store.pools.all().some((p) => p["listener_id"] === l.id)),
    ...sub("pools", "pool", store.pools, (f) => (f.listener_id ? of(store.listeners.get(f.listener_id)) : store.balancers.get(f.loadbalancer_id)), (p) => store.members.all().some((m) => m["pool_id"] === p.id)),
    ...sub("healthmonitors", "healthmonitor", store.monitors, (f) => of(store.pools.get(f.pool_id))),
  ];
}

/** A part is as busy as its load balancer. */
function shown(thing: Thing, of: (thing: Thing) => Thing): Thing {
  return { ...thing, provisioning_status: of(thing)["provisioning_status"] };
}
