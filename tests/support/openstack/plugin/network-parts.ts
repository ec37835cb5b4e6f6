import type { Fields, Part } from "./kind.ts";

type Names = Readonly<Record<string, string>>;

/** Inputs by the API's names; what the API has no name for is not sent. */
function sent(inputs: Fields, names: Names): Fields {
  return Object.fromEntries(Object.entries(names).flatMap(([input, name]) => (inputs[input] === undefined ? [] : [[name, inputs[input] as unknown]])));
}

function neutron(type: string, path: string, one: string, names: Names, options: { replace: readonly string[]; outputs?: Names; patient?: boolean }): Part {
  return {
    type,
    replace: options.replace,
    async create(api, inputs) {
      const made = (await api.call("network", "POST", `/v2.0/${path}`, { [one]: sent(inputs, names) }))[one] as Fields;
      return { id: String(made["id"]), outputs: Object.fromEntries(Object.entries(options.outputs ?? {}).map(([output, name]) => [output, made[name] as unknown])) };
    },
    async ready(api, id, inputs) {
      if (inputs["tags"]) await api.call("network", "PUT", `/v2.0/${path}/${id}/tags`, { tags: inputs["tags"] });
    },
    async update(api, id, _olds, news) {
      await api.call("network", "PUT", `/v2.0/${path}/${id}`, { [one]: sent(news, names) });
    },
    remove: (api, id) => api.remove("network", `/v2.0/${path}/${id}`, true),
    isThere: (api, id) => api.isThere("network", `/v2.0/${path}/${id}`),
  };
}

export const network = neutron("networking/network:Network", "networks", "network", { name: "name", description: "description", adminStateUp: "admin_state_up" }, { replace: ["tenantId", "region"] });

export const subnet: Part = {
  ...neutron("networking/subnet:Subnet", "subnets", "subnet", { name: "name", description: "description", networkId: "network_id", cidr: "cidr", ipVersion: "ip_version", gatewayIp: "gateway_ip", enableDhcp: "enable_dhcp", dnsNameservers: "dns_nameservers", allocationPools: "allocation_pools" }, { replace: ["networkId", "cidr", "ipVersion", "region"] }),
};

const routerNames = { name: "name", description: "description", adminStateUp: "admin_state_up" };
export const router: Part = {
  ...neutron("networking/router:Router", "routers", "router", routerNames, { replace: ["tenantId", "region"] }),
  async create(api, inputs) {
    const gateway = inputs["externalNetworkId"] === undefined ? {} : { external_gateway_info: { network_id: inputs["externalNetworkId"] as string } };
    const { router: made } = await api.call<{ router: Fields }>("network", "POST", "/v2.0/routers", { router: { ...sent(inputs, routerNames), ...gateway } });
    return { id: String(made["id"]) };
  },
};

export const routerInterface: Part = {
  type: "networking/routerInterface:RouterInterface",
  replace: ["routerId", "subnetId", "portId", "region"],
  async create(api, inputs) {
    const { port_id } = await api.call<{ port_id: string }>("network", "PUT", `/v2.0/routers/${inputs["routerId"]}/add_router_interface`, { subnet_id: inputs["subnetId"] });
    return { id: port_id };
  },
  async remove(api, _id, state) {
    await api.call("network", "PUT", `/v2.0/routers/${state["routerId"]}/remove_router_interface`, { subnet_id: state["subnetId"] });
  },
  isThere: (api, _id, state) => api.isThere("network", `/v2.0/routers/${state["routerId"]}`),
};

export const securityGroup = neutron("networking/secGroup:SecGroup", "security-groups", "security_group", { name: "name", description: "description" }, { replace: ["deleteDefaultRules", "tenantId", "region"] });

const ruleNames = { securityGroupId: "security_group_id", direction: "direction", ethertype: "ethertype", protocol: "protocol", portRangeMin: "port_range_min", portRangeMax: "port_range_max", remoteIpPrefix: "remote_ip_prefix", remoteGroupId: "remote_group_id", description: "description" };
export const securityGroupRule = neutron("networking/secGroupRule:SecGroupRule", "security-group-rules", "security_group_rule", ruleNames, { replace: Object.keys(ruleNames) });

const portNames = { name: "name", description: "description", networkId: "network_id", securityGroupIds: "security_groups", adminStateUp: "admin_state_up" };
const portBase = neutron("networking/port:Port", "ports", "port", portNames, { replace: ["networkId", "macAddress", "deviceId", "deviceOwner", "tenantId", "valueSpecs"] });
export const port: Part = {
  ...portBase,
  async create(api, inputs) {
    const fixed = (inputs["fixedIps"] as Fields[]).map(({ subnetId, ipAddress }) => ({ subnet_id: subnetId as string, ip_address: ipAddress as string }));
    const { port: made } = await api.call<{ port: Fields }>("network", "POST", "/v2.0/ports", { port: { ...sent(inputs, portNames), fixed_ips: fixed } });
    return { id: String(made["id"]), outputs: { macAddress: made["mac_address"], allFixedIps: fixed.map((f) => f.ip_address) } };
  },
};

const floatingIpNames = { description: "description", portId: "port_id" };
export const floatingIp: Part = {
  ...neutron("networking/floatingIp:FloatingIp", "floatingips", "floatingip", floatingIpNames, { replace: ["pool", "address", "tenantId", "region", "dnsName", "dnsDomain", "subnetId", "valueSpecs"] }),
  async create(api, inputs) {
    const { networks } = await api.call<{ networks: Fields[] }>("network", "GET", `/v2.0/networks?name=${String(inputs["pool"])}`);
    const [pool] = networks;
    if (!pool) throw new Error(`Error retrieving floating IP pool name: no network ${String(inputs["pool"])}`);
    const { floatingip: made } = await api.call<{ floatingip: Fields }>("network", "POST", "/v2.0/floatingips", { floatingip: { ...sent(inputs, floatingIpNames), floating_network_id: pool["id"] as string } });
    return { id: String(made["id"]), outputs: { address: made["floating_ip_address"], fixedIp: made["fixed_ip_address"] } };
  },
};
