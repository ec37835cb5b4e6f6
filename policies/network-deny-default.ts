import { defineRule, type CheckedResource } from "./rule.ts";
import { names } from "./settings.ts";

interface Opening {
  from: string[];
  first: number;
  last: number;
}

/** Nothing is open to everybody but what is named; Pods are closed until a policy opens them. */
export const networkDenyDefault = defineRule({
  name: "network-deny-default",
  description: "Networks let in nothing but what is asked for.",
  config: { openPorts: names("Ports that everybody may reach.", ["80", "443"]) },
  checkResource(resource, { openPorts }) {
    if (resource.type === "repave:index:LocalNetwork") return { notApplicable: "a local network is a namespace of its own: only this machine reaches it, by 127.0.0.1" };
    return openingsOf(resource)
      .filter(({ from }) => from.some(isEverybody))
      .filter(({ first, last }) => first !== last || !openPorts.includes(String(first)))
      .map(({ first, last }) => ({ message: `'${resource.name}' lets everybody in ${first === last ? `on port ${first}` : `on ports ${first} to ${last}`}.` }));
  },
  checkStack(resources) {
    const spaceOf = ({ props }: CheckedResource) => (props as { metadata?: { namespace?: string } }).metadata?.namespace ?? "default";
    const closed = new Set(resources.filter(deniesAll).map(spaceOf));
    const open = new Set(resources.filter((r) => r.type === "kubernetes:core/v1:Pod").map(spaceOf).filter((space) => !closed.has(space)));
    return [...open].map((space) => ({ message: `Pods in the namespace '${space}' are open to all others: it has no NetworkPolicy that denies ingress by default.` }));
  },
});

const ALL = { first: 0, last: 65535 };

interface AwsRule {
  fromPort?: number;
  toPort?: number;
  protocol?: string;
  cidrBlocks?: string[];
  ipv6CidrBlocks?: string[];
}

function openingsOf({ type, props }: CheckedResource): Opening[] {
  switch (type) {
    case "aws:ec2/securityGroup:SecurityGroup":
      return ((props["ingress"] as AwsRule[] | undefined) ?? []).map(awsOpening);
    case "aws:ec2/securityGroupRule:SecurityGroupRule":
      return props["type"] === "ingress" ? [awsOpening(props as AwsRule)] : [];
    case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
      const { cidrIpv4, cidrIpv6, fromPort, toPort, ipProtocol } = props as { cidrIpv4?: string; cidrIpv6?: string; fromPort?: number; toPort?: number; ipProtocol?: string };
      return [awsOpening({ fromPort, toPort, protocol: ipProtocol, cidrBlocks: cidrIpv4 ? [cidrIpv4] : [], ipv6CidrBlocks: cidrIpv6 ? [cidrIpv6] : [] })];
    }
    case "openstack:networking/secGroupRule:SecGroupRule": {
      const { direction, remoteIpPrefix, remoteGroupId, portRangeMin, portRangeMax } = props as { direction?: string; remoteIpPrefix?: string; remoteGroupId?: string; portRangeMin?: number; portRangeMax?: number };
      // A rule that names no source means everybody.
      if (direction !== "ingress" || (remoteGroupId ?? "") !== "") return [];
      const from = [remoteIpPrefix || "0.0.0.0/0"];
      return [(portRangeMin ?? 0) === 0 ? { from, ...ALL } : { from, first: portRangeMin!, last: portRangeMax ?? portRangeMin! }];
    }
    default:
      return [];
  }
}

function awsOpening(rule: AwsRule): Opening {
  const from = [...(rule.cidrBlocks ?? []), ...(rule.ipv6CidrBlocks ?? [])];
  if (rule.protocol === "-1" || rule.protocol === "all") return { from, ...ALL };
  return { from, first: rule.fromPort ?? ALL.first, last: rule.toPort ?? rule.fromPort ?? ALL.last };
}

const isEverybody = (range: string) => range === "0.0.0.0/0" || range === "::/0";

/** A NetworkPolicy for every Pod of its namespace that lets nothing in by itself. */
function deniesAll({ type, props }: CheckedResource): boolean {
  if (type !== "kubernetes:networking.k8s.io/v1:NetworkPolicy") return false;
  const { spec = {} } = props as { spec?: { podSelector?: { matchLabels?: object; matchExpressions?: unknown[] }; policyTypes?: string[]; ingress?: unknown[] } };
  const everyPod = Object.keys(spec.podSelector?.matchLabels ?? {}).length + (spec.podSelector?.matchExpressions ?? []).length === 0;
  return everyPod && (spec.policyTypes ?? ["Ingress"]).includes("Ingress") && (spec.ingress ?? []).length === 0;
}
