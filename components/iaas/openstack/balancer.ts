import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { backendPortTable } from "../../../director/network/port-table.ts";
import type { LoadBalancer, LoadBalancerArgs } from "../port.ts";
import { descriptionOf } from "../tags.ts";
import { readProperties, type BalancerProperties } from "./cloud-properties.ts";
import type { Subnet } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { dashed, type Shared } from "./shared.ts";

const TTL_SECONDS = 300;

/** An Octavia load balancer with one listener; members are addresses, which outlive their VMs. */
export function declareBalancer(shared: Shared, name: string, balancer: LoadBalancerArgs, parts: { subnets: readonly Subnet[]; security: SecurityGroups }, opts: pulumi.CustomResourceOptions): LoadBalancer {
  const { sdk, args } = shared;
  const properties = readProperties<BalancerProperties>("load_balancer", `load balancer '${balancer.name}'`, balancer.cloudProperties);
  if (balancer.port === 0) throw new IaasError("iaas.cloud-property", `The load balancer '${balancer.name}' listens on no port`, { method: "create_load_balancer", hint: "give it a 'port': OpenStack chooses none" });
  const replaced = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const home = subnetOf(parts.subnets, balancer);
  const vipSubnetId = properties.subnet_id ?? home.subnetId;
  const tags = Object.entries(balancer.tags).map(([key, value]) => `${key}=${value}`);
  const own = dashed(shared.name, balancer.deployment, balancer.name);
  // Octavia's own ports are in no group of ours.
  parts.security.allow(backendPortTable(balancer.name, [home.args.range], [...balancer.backends.map((b) => b.port), balancer.healthCheck.port]), "ingress", shared.opts);
  const resource = new sdk.loadbalancer.LoadBalancer(name, { name: own, vipSubnetId, vipAddress: properties.vip_address, loadbalancerProvider: properties.provider, adminStateUp: true, tags }, replaced);
  const listener = new sdk.loadbalancer.Listener(name, { name: own, loadbalancerId: resource.id, protocol: "TCP", protocolPort: balancer.port, adminStateUp: true, tags }, replaced);
  const pool = new sdk.loadbalancer.Pool(name, { name: own, listenerId: listener.id, protocol: "TCP", lbMethod: properties.method ?? "ROUND_ROBIN", adminStateUp: true }, replaced);
  const { healthCheck } = balancer;
  const seconds = Math.max(1, Math.ceil(healthCheck.intervalMs / 1000));
  const monitor = new sdk.loadbalancer.Monitor(
    name,
    {
      name: own,
      poolId: pool.id,
      type: healthCheck.protocol === "http" ? "HTTP" : "TCP",
      ...(healthCheck.protocol === "http" ? { urlPath: healthCheck.path, httpMethod: "GET", expectedCodes: "200" } : {}),
      delay: seconds,
      timeout: seconds,
      maxRetries: Math.min(10, healthCheck.healthyThreshold),
      maxRetriesDown: Math.min(10, healthCheck.unhealthyThreshold),
      adminStateUp: true,
    },
    replaced,
  );
  for (const { instanceId, az, ip, port } of balancer.backends) {
    const subnetId = subnetOf(parts.subnets, { ...balancer, backends: [{ instanceId, az, ip, port }] }).subnetId;
    // Named by its address: an instance that moves has two members until the update is done, and the health check decides.
    new sdk.loadbalancer.Member(dashed(name, ip), { poolId: pool.id, name: dashed(balancer.group, instanceId), address: ip, protocolPort: port, monitorPort: healthCheck.port, subnetId, adminStateUp: true }, pulumi.mergeOptions(replaced, { dependsOn: [monitor] }));
  }
  const address = args.floatingIpPool === undefined ? resource.vipAddress : new sdk.networking.FloatingIp(name, { pool: args.floatingIpPool, description: descriptionOf(shared.open.environment), portId: resource.vipPortId, tags }, replaced).address;
  declareNames(shared, name, balancer, address, replaced);
  return { resource, url: pulumi.interpolate`http://${address}:${balancer.port}` };
}

function subnetOf(subnets: readonly Subnet[], { backends }: Pick<LoadBalancerArgs, "backends">): Subnet {
  const az = backends[0]?.az ?? "";
  const found = subnets.find(({ args }) => args.azs.includes(az)) ?? subnets[0];
  if (found !== undefined) return found;
  throw new IaasError("iaas.network", `No subnet is in the AZ '${az}'`, { method: "create_load_balancer" });
}

function declareNames({ sdk, args }: Shared, name: string, { name: balancer, dnsNames }: LoadBalancerArgs, address: pulumi.Input<string>, opts: pulumi.CustomResourceOptions): void {
  if (dnsNames.length === 0) return;
  const { dnsZoneId } = args;
  if (dnsZoneId === undefined) {
    throw new IaasError("iaas.cloud-property", `The load balancer '${balancer}' wants the names ${dnsNames.join(", ")}, but no zone is known`, { method: "create_dns_record", hint: "give openstackIaas a 'dnsZoneId', or take 'dns_names' away and make the records yourself" });
  }
  for (const dnsName of dnsNames) {
    new sdk.dns.RecordSet(dashed(name, dnsName.replace("*", "any")), { zoneId: dnsZoneId, name: `${dnsName}.`, type: "A", records: [address], ttl: TTL_SECONDS }, opts);
  }
}
