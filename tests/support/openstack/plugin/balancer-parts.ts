import type { Api } from "./api.ts";
import type { Fields, Part } from "./kind.ts";

const LBAAS = "/v2.0/lbaas";

interface Names {
  type: string;
  one: string;
  path: (inputs: Fields) => string;
  fields: Readonly<Record<string, string>>;
  replace: readonly string[];
  outputs?: Readonly<Record<string, string>>;
}

/** Octavia takes one change at a time: each waits for the one before, and for its own end. */
function octavia({ type, one, path, fields, replace, outputs = {} }: Names): Part {
  const body = (inputs: Fields) => ({ [one]: Object.fromEntries(Object.entries(fields).flatMap(([input, name]) => (inputs[input] === undefined ? [] : [[name, inputs[input] as unknown]]))) });
  const settled = (api: Api, at: string) => api.until(async () => (await api.call(`load-balancer`, "GET", at))[one] as Fields, (thing) => thing["provisioning_status"] === "ACTIVE");
  const patiently = async (api: Api, method: string, at: string, content?: unknown): Promise<any> => {
    let answer: unknown;
    await api.until(
      () => api.call("load-balancer", method, at, content).then((value) => ((answer = value), true), (error: { status?: number }) => (error.status === 409 ? false : Promise.reject(error as Error))),
      (done) => done,
    );
    return answer;
  };
  return {
    type,
    replace,
    async create(api, inputs) {
      const made = (await patiently(api, "POST", `${LBAAS}/${path(inputs)}`, body(inputs)))[one] as Fields;
      return { id: String(made["id"]), outputs: Object.fromEntries(Object.entries(outputs).map(([output, name]) => [output, made[name] as unknown])) };
    },
    async ready(api, id, inputs) {
      await settled(api, `${LBAAS}/${path(inputs)}/${id}`);
    },
    async update(api, id, _olds, news) {
      await patiently(api, "PUT", `${LBAAS}/${path(news)}/${id}`, body(news));
    },
    async remove(api, id, state) {
      await api.remove("load-balancer", `${LBAAS}/${path(state)}/${id}`, true);
    },
    isThere: (api, id, state) => api.isThere("load-balancer", `${LBAAS}/${path(state)}/${id}`),
  };
}

export const loadBalancer = octavia({
  type: "loadbalancer/loadBalancer:LoadBalancer",
  one: "loadbalancer",
  path: () => "loadbalancers",
  fields: { name: "name", vipSubnetId: "vip_subnet_id", vipAddress: "vip_address", adminStateUp: "admin_state_up", tags: "tags" },
  replace: ["vipSubnetId", "vipAddress", "loadbalancerProvider", "flavorId", "region", "tenantId"],
  outputs: { vipAddress: "vip_address", vipPortId: "vip_port_id" },
});

export const listener = octavia({
  type: "loadbalancer/listener:Listener",
  one: "listener",
  path: () => "listeners",
  fields: { name: "name", loadbalancerId: "loadbalancer_id", protocol: "protocol", protocolPort: "protocol_port", adminStateUp: "admin_state_up", tags: "tags" },
  replace: ["loadbalancerId", "protocol", "protocolPort", "region"],
});

export const pool = octavia({
  type: "loadbalancer/pool:Pool",
  one: "pool",
  path: () => "pools",
  fields: { name: "name", listenerId: "listener_id", protocol: "protocol", lbMethod: "lb_algorithm", adminStateUp: "admin_state_up" },
  replace: ["listenerId", "loadbalancerId", "protocol", "region"],
});

export const monitor = octavia({
  type: "loadbalancer/monitor:Monitor",
  one: "healthmonitor",
  path: () => "healthmonitors",
  fields: { name: "name", poolId: "pool_id", type: "type", urlPath: "url_path", httpMethod: "http_method", expectedCodes: "expected_codes", delay: "delay", timeout: "timeout", maxRetries: "max_retries", maxRetriesDown: "max_retries_down" },
  replace: ["poolId", "type", "region"],
});

export const member = octavia({
  type: "loadbalancer/member:Member",
  one: "member",
  path: (inputs) => `pools/${inputs["poolId"]}/members`,
  fields: { name: "name", address: "address", protocolPort: "protocol_port", monitorPort: "monitor_port", subnetId: "subnet_id", adminStateUp: "admin_state_up" },
  replace: ["address", "poolId", "protocolPort", "subnetId", "region"],
});
