import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as dns from "@aws-sdk/client-route-53";
import type { Fields, Part } from "../../stand-in/kind.ts";
import { tagList, unlessGone, whether, type Clients } from "./clients.ts";

type AwsPart = Part<Clients>;

async function retag(api: Clients, id: string, _olds: Fields, news: Fields, changed: readonly string[]): Promise<void> {
  const rest = changed.filter((key) => key !== "tags");
  if (rest.length > 0) throw new Error(`was asked to change in place: ${rest.join(", ")}`);
  await api.elb.send(new elb.AddTagsCommand({ ResourceArns: [id], Tags: tagList(news["tags"]) as elb.Tag[] }));
}

export const loadBalancer: AwsPart = {
  type: "aws:lb/loadBalancer:LoadBalancer",
  replace: ["name", "namePrefix", "internal", "loadBalancerType"],
  async create(api, { name, loadBalancerType, internal, subnets, securityGroups, tags }) {
    const request = { Name: name, Type: loadBalancerType, Scheme: internal ? "internal" : "internet-facing", Subnets: subnets, SecurityGroups: securityGroups, Tags: tagList(tags) as elb.Tag[] } as elb.CreateLoadBalancerCommandInput;
    const [made] = (await api.elb.send(new elb.CreateLoadBalancerCommand(request))).LoadBalancers!;
    return { id: made!.LoadBalancerArn!, outputs: { arn: made!.LoadBalancerArn, dnsName: made!.DNSName, zoneId: made!.CanonicalHostedZoneId } };
  },
  update: retag,
  remove: (api, id) => unlessGone(api.elb.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn: id }))),
  isThere: (api, id) => whether(api.elb.send(new elb.DescribeLoadBalancersCommand({ LoadBalancerArns: [id] }))),
};

const checkOf = ({ healthCheck: c }: Fields) => ({ HealthCheckEnabled: c.enabled, HealthCheckProtocol: c.protocol, HealthCheckPort: c.port, HealthCheckPath: c.path, HealthCheckIntervalSeconds: c.interval, HealthCheckTimeoutSeconds: c.timeout, HealthyThresholdCount: c.healthyThreshold, UnhealthyThresholdCount: c.unhealthyThreshold, ...(c.matcher ? { Matcher: { HttpCode: c.matcher } } : {}) });

export const targetGroup: AwsPart = {
  type: "aws:lb/targetGroup:TargetGroup",
  replace: ["name", "namePrefix", "port", "protocol", "protocolVersion", "vpcId", "targetType", "ipAddressType"],
  async create(api, inputs) {
    const { name, port, protocol, targetType, vpcId, tags } = inputs;
    const request = { Name: name, Port: port, Protocol: protocol, TargetType: targetType, VpcId: vpcId, ...checkOf(inputs), Tags: tagList(tags) as elb.Tag[] } as elb.CreateTargetGroupCommandInput;
    const [made] = (await api.elb.send(new elb.CreateTargetGroupCommand(request))).TargetGroups!;
    return { id: made!.TargetGroupArn!, outputs: { arn: made!.TargetGroupArn } };
  },
  async update(api, id, olds, news, changed) {
    if (changed.includes("healthCheck")) await api.elb.send(new elb.ModifyTargetGroupCommand({ TargetGroupArn: id, ...checkOf(news) } as elb.ModifyTargetGroupCommandInput));
    await retag(api, id, olds, news, changed.filter((key) => key !== "healthCheck"));
  },
  remove: (api, id) => unlessGone(api.elb.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn: id }))),
  isThere: (api, id) => whether(api.elb.send(new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [id] }))),
};

export const listener: AwsPart = {
  type: "aws:lb/listener:Listener",
  replace: ["loadBalancerArn"],
  async create(api, { loadBalancerArn, port, protocol, certificateArn, sslPolicy, defaultActions }) {
    const actions = (defaultActions as Fields[]).map(({ type, targetGroupArn }) => ({ Type: type, TargetGroupArn: targetGroupArn }));
    const request = { LoadBalancerArn: loadBalancerArn, Port: port, Protocol: protocol, SslPolicy: sslPolicy, ...(certificateArn ? { Certificates: [{ CertificateArn: certificateArn }] } : {}), DefaultActions: actions } as elb.CreateListenerCommandInput;
    const [made] = (await api.elb.send(new elb.CreateListenerCommand(request))).Listeners!;
    return { id: made!.ListenerArn!, outputs: { arn: made!.ListenerArn } };
  },
  update: retag,
  remove: (api, id) => unlessGone(api.elb.send(new elb.DeleteListenerCommand({ ListenerArn: id }))),
  isThere: (api, id) => whether(api.elb.send(new elb.DescribeListenersCommand({ ListenerArns: [id] }))),
};

export const targetGroupAttachment: AwsPart = {
  type: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  replace: ["targetGroupArn", "targetId", "port", "availabilityZone"],
  async create(api, { targetGroupArn, targetId, port }) {
    await api.elb.send(new elb.RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: targetId, Port: port }] }));
    return { id: `${targetGroupArn}-${targetId}-${port}` };
  },
  remove: (api, _id, { targetGroupArn, targetId, port }) => unlessGone(api.elb.send(new elb.DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: targetId, Port: port }] }))),
  isThere: async () => true,
};

const recordChange = (Action: "UPSERT" | "DELETE", { zoneId, name, type, aliases }: Fields) =>
  new dns.ChangeResourceRecordSetsCommand({
    HostedZoneId: zoneId,
    ChangeBatch: { Changes: [{ Action, ResourceRecordSet: { Name: name, Type: type, AliasTarget: { DNSName: aliases[0].name, HostedZoneId: aliases[0].zoneId, EvaluateTargetHealth: aliases[0].evaluateTargetHealth } } }] },
  });

export const record: AwsPart = {
  type: "aws:route53/record:Record",
  replace: ["zoneId", "name", "type", "setIdentifier"],
  async create(api, inputs) {
    await api.route53.send(recordChange("UPSERT", inputs));
    return { id: `${inputs["zoneId"]}_${inputs["name"]}_${inputs["type"]}`, outputs: { fqdn: inputs["name"] } };
  },
  async update(api, _id, _olds, news) {
    await api.route53.send(recordChange("UPSERT", news));
  },
  remove: (api, _id, state) => unlessGone(api.route53.send(recordChange("DELETE", state))),
  isThere: async () => true,
};
