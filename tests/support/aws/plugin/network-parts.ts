import * as ec2 from "@aws-sdk/client-ec2";
import type { Fields, Part } from "../../stand-in/kind.ts";
import { tagged, tagList, unlessGone, whether, type Clients } from "./clients.ts";

type AwsPart = Part<Clients>;

/** Tags in place; of anything else the stand-in does not know how. */
export async function retag(api: Clients, id: string, news: Fields, changed: readonly string[], type: string): Promise<void> {
  const rest = changed.filter((key) => key !== "tags");
  if (rest.length > 0) throw new Error(`${type} was asked to change in place: ${rest.join(", ")}`);
  await api.ec2.send(new ec2.CreateTagsCommand({ Resources: [id], Tags: tagList(news["tags"]) }));
}

const tagsOnly = (type: string) => (api: Clients, id: string, _olds: Fields, news: Fields, changed: readonly string[]) => retag(api, id, news, changed, type);

export const vpc: AwsPart = {
  type: "aws:ec2/vpc:Vpc",
  replace: ["cidrBlock", "ipv4IpamPoolId"],
  async create(api, { cidrBlock, tags }) {
    const { Vpc } = await api.ec2.send(new ec2.CreateVpcCommand({ CidrBlock: cidrBlock, ...tagged("vpc", tags) }));
    return { id: Vpc!.VpcId! };
  },
  async ready(api, id, inputs) {
    await api.ec2.send(new ec2.ModifyVpcAttributeCommand({ VpcId: id, EnableDnsSupport: { Value: inputs["enableDnsSupport"] } }));
    await api.ec2.send(new ec2.ModifyVpcAttributeCommand({ VpcId: id, EnableDnsHostnames: { Value: inputs["enableDnsHostnames"] } }));
  },
  update: tagsOnly("ec2.Vpc"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteVpcCommand({ VpcId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeVpcsCommand({ VpcIds: [id] }))),
};

export const subnet: AwsPart = {
  type: "aws:ec2/subnet:Subnet",
  replace: ["vpcId", "cidrBlock", "availabilityZone"],
  async create(api, { vpcId, cidrBlock, availabilityZone, tags }) {
    const { Subnet } = await api.ec2.send(new ec2.CreateSubnetCommand({ VpcId: vpcId, CidrBlock: cidrBlock, AvailabilityZone: availabilityZone, ...tagged("subnet", tags) }));
    return { id: Subnet!.SubnetId! };
  },
  update: tagsOnly("ec2.Subnet"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteSubnetCommand({ SubnetId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }))),
};

export const internetGateway: AwsPart = {
  type: "aws:ec2/internetGateway:InternetGateway",
  replace: [],
  async create(api, { tags }) {
    const { InternetGateway } = await api.ec2.send(new ec2.CreateInternetGatewayCommand({ ...tagged("internet-gateway", tags) }));
    return { id: InternetGateway!.InternetGatewayId! };
  },
  async ready(api, id, { vpcId }) {
    const { InternetGateways } = await api.ec2.send(new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    if (InternetGateways![0]!.Attachments?.some((a) => a.VpcId === vpcId)) return;
    await api.ec2.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId }));
  },
  update: tagsOnly("ec2.InternetGateway"),
  async remove(api, id, { vpcId }) {
    await unlessGone(api.ec2.send(new ec2.DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId })));
    await unlessGone(api.ec2.send(new ec2.DeleteInternetGatewayCommand({ InternetGatewayId: id })));
  },
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }))),
};

export const eip: AwsPart = {
  type: "aws:ec2/eip:Eip",
  replace: ["domain", "publicIpv4Pool"],
  async create(api, { tags }) {
    const { AllocationId, PublicIp } = await api.ec2.send(new ec2.AllocateAddressCommand({ Domain: "vpc", ...tagged("elastic-ip", tags) }));
    return { id: AllocationId!, outputs: { publicIp: PublicIp, allocationId: AllocationId } };
  },
  update: tagsOnly("ec2.Eip"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.ReleaseAddressCommand({ AllocationId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeAddressesCommand({ AllocationIds: [id] }))),
};

const natState = async (api: Clients, id: string) => (await api.ec2.send(new ec2.DescribeNatGatewaysCommand({ NatGatewayIds: [id] }))).NatGateways?.[0]?.State;

export const natGateway: AwsPart = {
  type: "aws:ec2/natGateway:NatGateway",
  replace: ["allocationId", "subnetId", "connectivityType", "privateIp"],
  async create(api, { allocationId, subnetId, tags }) {
    const { NatGateway } = await api.ec2.send(new ec2.CreateNatGatewayCommand({ AllocationId: allocationId, SubnetId: subnetId, ...tagged("natgateway", tags) }));
    return { id: NatGateway!.NatGatewayId! };
  },
  async ready(api, id) {
    await api.until(() => natState(api, id), (state) => state === "available");
  },
  update: tagsOnly("ec2.NatGateway"),
  async remove(api, id) {
    await unlessGone(api.ec2.send(new ec2.DeleteNatGatewayCommand({ NatGatewayId: id })));
    await api.until(() => natState(api, id), (state) => state === undefined || state === "deleted");
  },
  isThere: async (api, id) => (await natState(api, id)) === "available",
};

export const routeTable: AwsPart = {
  type: "aws:ec2/routeTable:RouteTable",
  replace: ["vpcId"],
  async create(api, { vpcId, tags }) {
    const { RouteTable } = await api.ec2.send(new ec2.CreateRouteTableCommand({ VpcId: vpcId, ...tagged("route-table", tags) }));
    return { id: RouteTable!.RouteTableId! };
  },
  update: tagsOnly("ec2.RouteTable"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteRouteTableCommand({ RouteTableId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeRouteTablesCommand({ RouteTableIds: [id] }))),
};

const routeArgs = ({ routeTableId, destinationCidrBlock, gatewayId, natGatewayId, networkInterfaceId }: Fields) => ({ RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock, GatewayId: gatewayId, NatGatewayId: natGatewayId, NetworkInterfaceId: networkInterfaceId });

export const route: AwsPart = {
  type: "aws:ec2/route:Route",
  replace: ["routeTableId", "destinationCidrBlock"],
  async create(api, inputs) {
    await api.ec2.send(new ec2.CreateRouteCommand(routeArgs(inputs)));
    return { id: `r-${inputs["routeTableId"]}-${inputs["destinationCidrBlock"]}` };
  },
  async update(api, _id, _olds, news) {
    await api.ec2.send(new ec2.ReplaceRouteCommand(routeArgs(news)));
  },
  remove: (api, _id, { routeTableId, destinationCidrBlock }) => unlessGone(api.ec2.send(new ec2.DeleteRouteCommand({ RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock }))),
  isThere: async () => true,
};

export const routeTableAssociation: AwsPart = {
  type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  replace: ["subnetId", "gatewayId"],
  async create(api, { subnetId, routeTableId }) {
    const { AssociationId } = await api.ec2.send(new ec2.AssociateRouteTableCommand({ SubnetId: subnetId, RouteTableId: routeTableId }));
    return { id: AssociationId! };
  },
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DisassociateRouteTableCommand({ AssociationId: id }))),
  isThere: async () => true,
};

export const vpcEndpoint: AwsPart = {
  type: "aws:ec2/vpcEndpoint:VpcEndpoint",
  replace: ["vpcId", "serviceName", "vpcEndpointType"],
  async create(api, { vpcId, serviceName, vpcEndpointType, routeTableIds, subnetIds, securityGroupIds, privateDnsEnabled, tags }) {
    const request = { VpcId: vpcId, ServiceName: serviceName, VpcEndpointType: vpcEndpointType, RouteTableIds: routeTableIds, SubnetIds: subnetIds, SecurityGroupIds: securityGroupIds, PrivateDnsEnabled: privateDnsEnabled, ...tagged("vpc-endpoint", tags) };
    const { VpcEndpoint } = await api.ec2.send(new ec2.CreateVpcEndpointCommand(request));
    return { id: VpcEndpoint!.VpcEndpointId! };
  },
  update: tagsOnly("ec2.VpcEndpoint"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeVpcEndpointsCommand({ VpcEndpointIds: [id] }))),
};

export const securityGroup: AwsPart = {
  type: "aws:ec2/securityGroup:SecurityGroup",
  replace: ["name", "description", "vpcId"],
  async create(api, { name, description, vpcId, tags }) {
    const { GroupId } = await api.ec2.send(new ec2.CreateSecurityGroupCommand({ GroupName: name, Description: description, VpcId: vpcId, ...tagged("security-group", tags) }));
    return { id: GroupId!, outputs: { arn: `arn:aws:ec2:::${GroupId}` } };
  },
  // The provider takes away AWS's rule that lets everything out.
  async ready(api, id) {
    const { SecurityGroups } = await api.ec2.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }));
    const byDefault = SecurityGroups![0]!.IpPermissionsEgress?.filter((p) => p.IpProtocol === "-1" && p.IpRanges?.every((r) => r.Description === undefined)) ?? [];
    if (byDefault.length > 0) await api.ec2.send(new ec2.RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: byDefault }));
  },
  update: tagsOnly("ec2.SecurityGroup"),
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteSecurityGroupCommand({ GroupId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }))),
};

function permission({ ipProtocol, fromPort, toPort, cidrIpv4, referencedSecurityGroupId, description }: Fields): ec2.IpPermission {
  return {
    IpProtocol: ipProtocol,
    ...(fromPort === undefined ? {} : { FromPort: fromPort, ToPort: toPort }),
    ...(cidrIpv4 === undefined ? {} : { IpRanges: [{ CidrIp: cidrIpv4, Description: description }] }),
    ...(referencedSecurityGroupId === undefined ? {} : { UserIdGroupPairs: [{ GroupId: referencedSecurityGroupId, Description: description }] }),
  };
}

function ruleOf(type: string, egress: boolean): AwsPart {
  return {
    type,
    replace: ["securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId"],
    async create(api, inputs) {
      const request = { GroupId: inputs["securityGroupId"] as string, IpPermissions: [permission(inputs)] };
      const { SecurityGroupRules } = egress ? await api.ec2.send(new ec2.AuthorizeSecurityGroupEgressCommand(request)) : await api.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand(request));
      return { id: SecurityGroupRules![0]!.SecurityGroupRuleId! };
    },
    async remove(api, id, inputs) {
      const request = { GroupId: inputs["securityGroupId"] as string, SecurityGroupRuleIds: [id] };
      await unlessGone(egress ? api.ec2.send(new ec2.RevokeSecurityGroupEgressCommand(request)) : api.ec2.send(new ec2.RevokeSecurityGroupIngressCommand(request)));
    },
    isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] })).then(({ SecurityGroupRules }) => (SecurityGroupRules ?? []).length > 0)),
  };
}

export const ingressRule = ruleOf("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", false);
export const egressRule = ruleOf("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", true);

export const networkInterface: AwsPart = {
  type: "aws:ec2/networkInterface:NetworkInterface",
  // The provider changes further addresses in place; the first one it can't.
  replace: (olds, news, changed) => changed.filter((key) => key === "subnetId" || key === "interfaceType" || (key === "privateIps" && olds[key]?.[0] !== news[key]?.[0])),
  async create(api, { subnetId, privateIps, securityGroups, description, tags }) {
    const request = { SubnetId: subnetId, PrivateIpAddresses: (privateIps as string[]).map((PrivateIpAddress, i) => ({ PrivateIpAddress, Primary: i === 0 })), Groups: securityGroups, Description: description, ...tagged("network-interface", tags) };
    const { NetworkInterface } = await api.ec2.send(new ec2.CreateNetworkInterfaceCommand(request));
    return { id: NetworkInterface!.NetworkInterfaceId!, outputs: { macAddress: NetworkInterface!.MacAddress } };
  },
  async ready(api, id, { sourceDestCheck }) {
    await api.ec2.send(new ec2.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, SourceDestCheck: { Value: sourceDestCheck } }));
  },
  async update(api, id, _olds, news, changed) {
    if (changed.includes("securityGroups")) await api.ec2.send(new ec2.ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups: news["securityGroups"] }));
    await retag(api, id, news, changed.filter((key) => !["securityGroups", "sourceDestCheck"].includes(key)), "ec2.NetworkInterface");
  },
  remove: (api, id) => unlessGone(api.ec2.send(new ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }))),
  isThere: (api, id) => whether(api.ec2.send(new ec2.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }))),
};
