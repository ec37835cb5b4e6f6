import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { formatIp, parseCidr, parseIp } from "../../../director/network/index.ts";
import type { SubnetArgs } from "../port.ts";
import { readProperties, type NetworkProperties } from "./cloud-properties.ts";
import { dashed, named, type Shared } from "./shared.ts";

/** AWS keeps the network's address, the router's, the resolver's and one more, and the last. */
const KEPT_FIRST = 4n;

/** A subnet that VMs' interfaces are made on. */
export interface Subnet {
  args: SubnetArgs;
  az: string;
  id: pulumi.Output<string>;
  securityGroups: readonly string[];
}

export interface Network {
  vpcId: pulumi.Output<string>;
  subnets: readonly Subnet[];
  /** Public subnet of each AZ that has one. */
  publicSubnets: ReadonlyMap<string, pulumi.Output<string>>;
  /** What must be there before the first VM. */
  made: readonly pulumi.Resource[];
}

/** A VPC with subnets in each AZ and ways out, or what is given of that. */
export function declareNetwork(shared: Shared): Network {
  const { vpc } = shared.settings;
  return "id" in vpc ? inGivenVpc(shared, vpc) : inNewVpc(shared, vpc);
}

function inGivenVpc(shared: Shared, vpc: { id: string; publicSubnets: Record<string, string>; routeTable?: string | undefined }): Network {
  const { sdk, name, opts } = shared;
  const vpcId = pulumi.output(vpc.id);
  const made: pulumi.Resource[] = [];
  const subnets = shared.open.subnets.map((args) =>
    subnet(shared, args, vpcId, made, (id, label) => {
      if (vpc.routeTable !== undefined) made.push(new sdk.RouteTableAssociation(dashed(name, label), { subnetId: id, routeTableId: vpc.routeTable }, opts));
    }),
  );
  const publicSubnets = new Map(Object.entries(vpc.publicSubnets).map(([az, id]) => [az, pulumi.output(id)]));
  return { vpcId, subnets, publicSubnets, made };
}

function inNewVpc(shared: Shared, { cidr, publicRanges }: { cidr: string; publicRanges: Record<string, string> }): Network {
  const { sdk, name, settings, open, opts, zones } = shared;
  const made: pulumi.Resource[] = [];
  const keep = <R extends pulumi.Resource>(resource: R): R => (made.push(resource), resource);
  const vpc = keep(new sdk.Vpc(name, { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: named(name, open.tags) }, opts));
  const publicSubnets = new Map<string, pulumi.Output<string>>();
  let gateway: pulumi.Resource | undefined;
  if (Object.keys(publicRanges).length > 0) {
    const internet = keep(new sdk.InternetGateway(name, { vpcId: vpc.id, tags: named(name, open.tags) }, opts));
    const table = keep(new sdk.RouteTable(dashed(name, "public"), { vpcId: vpc.id, tags: named(dashed(name, "public"), open.tags) }, opts));
    gateway = keep(new sdk.Route(dashed(name, "public"), { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internet.id }, opts));
    for (const [az, range] of Object.entries(publicRanges)) {
      const label = dashed(name, "public", az);
      const made = keep(new sdk.Subnet(label, { vpcId: vpc.id, cidrBlock: range, availabilityZone: zoneOf(zones, az), mapPublicIpOnLaunch: false, tags: named(label, open.tags) }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true })));
      keep(new sdk.RouteTableAssociation(label, { subnetId: made.id, routeTableId: table.id }, opts));
      publicSubnets.set(az, made.id);
    }
  }
  const nats = natGateways(shared, publicSubnets, gateway, keep);
  const tables = new Map<string, InstanceType<typeof sdk.RouteTable>>();
  const subnets = open.subnets.map((args) =>
    subnet(shared, args, vpc.id, made, (id, label, az) => {
      let table = tables.get(az);
      if (table === undefined) {
        const tableName = dashed(name, az);
        table = keep(new sdk.RouteTable(tableName, { vpcId: vpc.id, tags: named(tableName, open.tags) }, opts));
        tables.set(az, table);
        const nat = nats.get(az);
        if (nat !== undefined) keep(new sdk.Route(tableName, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat }, opts));
      }
      keep(new sdk.RouteTableAssociation(label, { subnetId: id, routeTableId: table.id }, opts));
    }),
  );
  endpoints(shared, vpc.id, cidr, subnets, [...tables.values()].map((table) => table.id), keep);
  if (settings.nat !== "none" && publicSubnets.size === 0) throw badNetwork("NAT gateways stand in public subnets, and there are none", "give the VPC 'publicRanges'");
  return { vpcId: vpc.id, subnets, publicSubnets, made };
}

/** The NAT gateway of each AZ. */
function natGateways({ sdk, name, settings, open, opts }: Shared, publicSubnets: ReadonlyMap<string, pulumi.Output<string>>, gateway: pulumi.Resource | undefined, keep: <R extends pulumi.Resource>(resource: R) => R): Map<string, pulumi.Output<string>> {
  const azs = open.azs.map((az) => az.name);
  if (settings.nat === "none") return new Map();
  // A gateway stays in the AZ it was made in, whatever is added before that.
  const homes = settings.nat === "single" ? [...publicSubnets.keys()].sort().slice(0, 1) : azs.filter((az) => publicSubnets.has(az));
  const made = homes.map((az): [string, pulumi.Output<string>] => {
    const label = dashed(name, "nat", az);
    const address = keep(new sdk.Eip(label, { domain: "vpc", tags: named(label, open.tags) }, opts));
    const after = pulumi.mergeOptions(opts, { dependsOn: gateway === undefined ? [] : [gateway] });
    return [az, keep(new sdk.NatGateway(label, { allocationId: address.id, subnetId: publicSubnets.get(az)!, tags: named(label, open.tags) }, after)).id];
  });
  const nats = new Map(made);
  const without = settings.nat === "per-az" ? azs.filter((az) => !nats.has(az)) : [];
  if (without.length > 0) throw badNetwork(`The AZs ${without.join(", ")} have no public subnet for a NAT gateway`, "add them to 'publicRanges', or choose nat: 'single'");
  return settings.nat === "single" ? new Map(azs.flatMap((az) => made.slice(0, 1).map(([, id]) => [az, id] as const))) : nats;
}

function endpoints({ sdk, name, settings, open, opts }: Shared, vpcId: pulumi.Output<string>, cidr: string, subnets: readonly Subnet[], routeTableIds: pulumi.Input<string>[], keep: <R extends pulumi.Resource>(resource: R) => R): void {
  const byInterface = settings.endpoints.filter((service) => service !== "s3");
  if (settings.endpoints.includes("s3")) {
    keep(new sdk.VpcEndpoint(dashed(name, "s3"), { vpcId, serviceName: `com.amazonaws.${settings.region}.s3`, vpcEndpointType: "Gateway", routeTableIds, tags: named(dashed(name, "s3"), open.tags) }, opts));
  }
  if (byInterface.length === 0) return;
  const label = dashed(name, "endpoints");
  const group = keep(new sdk.SecurityGroup(label, { name: label, description: "AWS services inside the VPC", vpcId, tags: named(label, open.tags) }, opts));
  keep(new sdk.SecurityGroupIngressRule(label, { securityGroupId: group.id, description: "HTTPS from the VPC", ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: cidr }, opts));
  // One of each AZ: AWS takes no two subnets of a zone.
  const subnetIds = [...new Map(subnets.map((subnet) => [subnet.az, subnet.id])).values()];
  for (const service of byInterface) {
    const own = dashed(name, service);
    keep(new sdk.VpcEndpoint(own, { vpcId, serviceName: `com.amazonaws.${settings.region}.${service}`, vpcEndpointType: "Interface", subnetIds, securityGroupIds: [group.id], privateDnsEnabled: true, tags: named(own, open.tags) }, opts));
  }
}

function subnet(shared: Shared, args: SubnetArgs, vpcId: pulumi.Output<string>, made: pulumi.Resource[], route: (id: pulumi.Output<string>, label: string, az: string) => void): Subnet {
  const { sdk, name, open, opts, zones } = shared;
  const { network, azs, range, gateway } = args;
  const where = `Subnet ${range} of network '${network}'`;
  const [az, ...others] = azs as [string, ...string[]];
  if (others.length > 0) throw badNetwork(`${where} spans the AZs ${azs.join(", ")}, and on AWS a subnet is in one`, "give each AZ a range of its own");
  const block = parseCidr(range);
  const router = formatIp({ family: block.family, value: block.first + 1n });
  if (gateway !== router) throw badNetwork(`${where} has the gateway ${gateway}, and on AWS that is the first address, ${router}`, `write 'gateway: ${router}'`);
  const properties = readProperties<NetworkProperties>("networks", `network '${network}'`, args.cloudProperties);
  const securityGroups = properties.security_groups ?? [];
  if (properties.subnet !== undefined) return { args, az, id: pulumi.output(properties.subnet), securityGroups };
  const label = dashed(name, network, range);
  const resource = new sdk.Subnet(label, { vpcId, cidrBlock: range, availabilityZone: zoneOf(zones, az), mapPublicIpOnLaunch: false, tags: named(label, open.tags) }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true }));
  made.push(resource);
  route(resource.id, label, az);
  return { args, az, id: resource.id, securityGroups };
}

/** @throws IaasError `iaas.network` when no AZ of the cloud config is called like this */
export function zoneOf(zones: ReadonlyMap<string, string>, az: string): string {
  const zone = zones.get(az);
  if (zone !== undefined) return zone;
  throw badNetwork(`There is no AZ '${az}'`, `the cloud config has ${[...zones.keys()].join(", ")}`);
}

/**
 * The subnet that an address of a network lies in.
 *
 * @throws IaasError `iaas.network` when there is none, or AWS keeps the address for itself
 */
export function subnetFor(subnets: readonly Subnet[], network: string, ip: string): Subnet {
  const { family, value } = parseIp(ip);
  const found = subnets.find(({ args }) => {
    const { first, last } = parseCidr(args.range);
    return args.network === network && first <= value && value <= last;
  });
  if (found === undefined) throw new IaasError("iaas.network", `No subnet of network '${network}' has the address ${ip}`, { method: "create_vm" });
  const { first, last } = parseCidr(found.args.range);
  if (value < first + KEPT_FIRST || value === last) {
    const kept = [1n, KEPT_FIRST - 1n].map((offset) => formatIp({ family, value: first + offset })).join(" - ");
    throw new IaasError("iaas.network", `The address ${ip} is among those that AWS keeps in each subnet: the first four and the last`, {
      method: "create_vm",
      hint: `add '${kept}' to 'reserved' of subnet ${found.args.range}`,
    });
  }
  return found;
}

function badNetwork(message: string, hint: string): IaasError {
  return new IaasError("iaas.network", message, { method: "create_network", hint });
}
