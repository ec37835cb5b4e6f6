import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { formatIp, parseCidr, parseIp } from "../../../director/network/index.ts";
import type { SubnetArgs } from "../port.ts";
import { descriptionOf } from "../tags.ts";
import { readProperties, type NetworkProperties } from "./cloud-properties.ts";
import { dashed, type Shared } from "./shared.ts";

/** Addresses at a subnet's end that Neutron hands out by itself: to its DHCP ports and to load balancers. */
const POOL = 16n;

/** A subnet that VMs' ports are made on. */
export interface Subnet {
  args: SubnetArgs;
  networkId: pulumi.Output<string>;
  subnetId: pulumi.Output<string>;
  securityGroups: readonly string[];
  /** Made here; a given one is others' to manage. */
  pool: { start: string; end: string } | undefined;
}

/** Networks, subnets and a router between them, or those that the cloud config names by `net_id`; `made` is what must be there before the first VM. */
export function declareSubnets(shared: Shared): { subnets: Subnet[]; made: pulumi.Resource[] } {
  const { sdk, name, open, opts } = shared;
  const networks = new Map<string, InstanceType<typeof sdk.networking.Network>>();
  let router: InstanceType<typeof sdk.networking.Router> | undefined;
  const description = descriptionOf(open.environment);
  const tags = Object.entries(open.tags).map(([key, value]) => `${key}=${value}`);
  const made: pulumi.Resource[] = [];
  const subnets = open.subnets.map((args): Subnet => {
    const properties = readProperties<NetworkProperties>("networks", `network '${args.network}'`, args.cloudProperties);
    const securityGroups = properties.security_groups ?? [];
    if (properties.net_id !== undefined) {
      const networkId = pulumi.output(properties.net_id);
      const found = properties.subnet_id ?? sdk.networking.getSubnetOutput({ networkId: properties.net_id, cidr: args.range }, opts).id;
      return { args, networkId, subnetId: pulumi.output(found), securityGroups, pool: undefined };
    }
    let network = networks.get(args.network);
    if (network === undefined) {
      network = new sdk.networking.Network(dashed(name, args.network), { name: dashed(name, args.network), description, adminStateUp: true, tags }, opts);
      networks.set(args.network, network);
    }
    const pool = poolOf(args);
    const subnet = new sdk.networking.Subnet(
      dashed(name, args.network, args.range),
      { name: dashed(name, args.network, args.range), description, networkId: network.id, cidr: args.range, ipVersion: 4, gatewayIp: args.gateway, enableDhcp: true, dnsNameservers: [...args.dns], allocationPools: [pool], tags },
      pulumi.mergeOptions(opts, { deleteBeforeReplace: true }),
    );
    router ??= new sdk.networking.Router(dashed(name, "router"), { name: dashed(name, "router"), description, adminStateUp: true, externalNetworkId: shared.args.externalNetworkId, tags }, opts);
    made.push(new sdk.networking.RouterInterface(dashed(name, args.network, args.range), { routerId: router.id, subnetId: subnet.id }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true })));
    return { args, networkId: network.id, subnetId: subnet.id, securityGroups, pool };
  });
  return { subnets, made };
}

function poolOf({ network, range }: SubnetArgs): { start: string; end: string } {
  const { family, first, last } = parseCidr(range);
  if (last - first < POOL * 2n) {
    throw new IaasError("iaas.network", `Subnet ${range} of network '${network}' is too small: Neutron hands out the last ${POOL} addresses of each by itself`, { method: "create_network", hint: "use a /26 or larger" });
  }
  return { start: formatIp({ family, value: last - POOL }), end: formatIp({ family, value: last - 1n }) };
}

/**
 * The subnet that an address of a network lies in.
 *
 * @throws IaasError `iaas.network` when there is none, or Neutron may give the address to others
 */
export function subnetFor(subnets: readonly Subnet[], network: string, ip: string): Subnet {
  const { value } = parseIp(ip);
  const found = subnets.find(({ args }) => {
    const { first, last } = parseCidr(args.range);
    return args.network === network && first <= value && value <= last;
  });
  if (found === undefined) throw new IaasError("iaas.network", `No subnet of network '${network}' has the address ${ip}`, { method: "create_vm" });
  const { pool } = found;
  if (pool && value >= parseIp(pool.start).value && value <= parseIp(pool.end).value) {
    throw new IaasError("iaas.network", `The address ${ip} is among those that Neutron hands out by itself (${pool.start} to ${pool.end})`, {
      method: "create_vm",
      hint: `add '${pool.start} - ${pool.end}' to 'reserved' of subnet ${found.args.range}, or use a larger range`,
    });
  }
  return found;
}
