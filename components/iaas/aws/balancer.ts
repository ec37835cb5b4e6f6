import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { LoadBalancer, LoadBalancerArgs } from "../port.ts";
import { readProperties, type BalancerProperties } from "./cloud-properties.ts";
import type { Network } from "./network.ts";
import type { SecurityGroups } from "./security.ts";
import { dashed, named, type Shared } from "./shared.ts";

const LONGEST_NAME = 32;
/** AWS's own bound on an NLB; it is not raised. */
const MOST_LISTENERS = 50;

interface Listening {
  port: number;
  backendPort: number;
  protocol: "TCP" | "TLS" | "HTTP" | "HTTPS";
  certificateArn: string | undefined;
}

/** A network or application load balancer; its targets are addresses, which outlive their VMs. */
export function declareBalancer(shared: Shared, name: string, balancer: LoadBalancerArgs, { network, security }: { network: Network; security: SecurityGroups }, opts: pulumi.CustomResourceOptions): LoadBalancer {
  const { sdk, settings } = shared;
  const properties = readProperties<BalancerProperties>("load_balancer", `load balancer '${balancer.name}'`, balancer.cloudProperties);
  const type = properties.type ?? "network";
  const listening = listenersOf(balancer, properties);
  const internal = properties.internal ?? network.publicSubnets.size === 0;
  const full = dashed(shared.name, balancer.deployment, balancer.name);
  const own = short(full);
  const tags = named(full, balancer.tags);
  const replaced = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const group = new sdk.SecurityGroup(name, { name: full, description: `load balancer ${full}`, vpcId: network.vpcId, revokeRulesOnDelete: true, tags }, replaced);
  new sdk.SecurityGroupEgressRule(name, { securityGroupId: group.id, description: "to its targets", ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" }, replaced);
  for (const { port } of listening) {
    for (const range of properties.from ?? settings.publicFrom) {
      new sdk.SecurityGroupIngressRule(dashed(name, "from", range, String(port)), { securityGroupId: group.id, description: `listener ${port}`, ipProtocol: "tcp", fromPort: port, toPort: port, cidrIpv4: range }, replaced);
    }
  }
  security.allowGroup(name, `load balancer ${balancer.name}`, group.id, [...listening.map((l) => l.backendPort), balancer.healthCheck.port], replaced);
  const resource = new sdk.LoadBalancer(
    name,
    { name: own, loadBalancerType: type, internal, subnets: subnetsFor(balancer, network, internal), securityGroups: [group.id], ...(type === "network" ? { enableCrossZoneLoadBalancing: true } : {}), tags },
    replaced,
  );
  for (const listener of listening) declareListener(shared, dashed(name, String(listener.port)), balancer, { listener, resource, vpcId: network.vpcId, full, tags }, replaced);
  const names = declareNames(shared, name, balancer, resource, replaced);
  const scheme = listening[0]!.protocol === "TLS" || listening[0]!.protocol === "HTTPS" ? "https" : "http";
  return { resource, url: pulumi.interpolate`${scheme}://${names[0] ?? resource.dnsName}:${balancer.port}` };
}

function declareListener({ sdk }: Shared, name: string, balancer: LoadBalancerArgs, made: { listener: Listening; resource: { arn: pulumi.Output<string> }; vpcId: pulumi.Output<string>; full: string; tags: Record<string, string> }, opts: pulumi.CustomResourceOptions): void {
  const { listener, resource, vpcId, full, tags } = made;
  const { healthCheck: check } = balancer;
  // Another protocol or port replaces a target group, which a listener may still have: by then the new one has another name.
  const toTargets = { TCP: "TCP", TLS: "TCP", HTTP: "HTTP", HTTPS: "HTTP" }[listener.protocol];
  const interval = Math.min(300, Math.max(5, Math.ceil(check.intervalMs / 1000)));
  const targets = new sdk.TargetGroup(
    name,
    {
      name: short(dashed(full, String(listener.port), toTargets, String(listener.backendPort))),
      port: listener.backendPort,
      protocol: toTargets,
      targetType: "ip",
      vpcId,
      healthCheck: {
        enabled: true,
        protocol: check.protocol === "http" ? "HTTP" : toTargets === "HTTP" ? "HTTP" : "TCP",
        port: String(check.port),
        ...(check.protocol === "http" ? { path: check.path, matcher: "200" } : {}),
        interval,
        // AWS's own default is longer than the shortest interval, which it refuses.
        timeout: Math.min(10, interval - 1),
        healthyThreshold: Math.min(10, Math.max(2, check.healthyThreshold)),
        unhealthyThreshold: Math.min(10, Math.max(2, check.unhealthyThreshold)),
      },
      tags,
    },
    opts,
  );
  const { certificateArn } = listener;
  const tls = certificateArn === undefined ? {} : { certificateArn, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" };
  new sdk.Listener(name, { loadBalancerArn: resource.arn, port: listener.port, protocol: listener.protocol, ...tls, defaultActions: [{ type: "forward", targetGroupArn: targets.arn }], tags }, opts);
  // A target is an address: one that is left by a swap goes at the end of the update, once the next one is there.
  for (const { ip } of balancer.backends) new sdk.TargetGroupAttachment(dashed(name, ip), { targetGroupArn: targets.arn, targetId: ip, port: listener.backendPort }, opts);
}

/** The balancer's own port and what its cloud properties add. */
function listenersOf(balancer: LoadBalancerArgs, properties: BalancerProperties): Listening[] {
  const refuse = (message: string, hint: string) => new IaasError("iaas.cloud-property", `The load balancer '${balancer.name}' ${message}`, { method: "create_load_balancer", hint });
  if (balancer.port === 0) throw refuse("listens on no port", "give it a 'port': AWS chooses none");
  const application = properties.type === "application";
  const read = (port: number, backendPort: number, wanted: Listening["protocol"] | undefined, certificateArn: string | undefined): Listening => {
    const ends = certificateArn !== undefined;
    const protocol = wanted ?? (application ? (ends ? "HTTPS" : "HTTP") : ends ? "TLS" : "TCP");
    if ((protocol === "HTTP" || protocol === "HTTPS") !== application) throw refuse(`speaks ${protocol} on port ${port}, which a load balancer of type '${properties.type ?? "network"}' does not`, "network: TCP and TLS; application: HTTP and HTTPS");
    if ((protocol === "TLS" || protocol === "HTTPS") !== ends) throw refuse(`speaks ${protocol} on port ${port} ${ends ? "with" : "without"} a certificate`, "TLS and HTTPS need 'certificate_arn', the others take none");
    return { port, backendPort, protocol, certificateArn };
  };
  const first = balancer.backends[0]?.port ?? balancer.port;
  const range = properties.port_range;
  const ports = range === undefined ? [] : Array.from({ length: Math.max(0, range.last - range.first + 1) }, (_, i) => range.first + i);
  const all = [
    read(balancer.port, first, undefined, properties.certificate_arn),
    ...(properties.listeners ?? []).map((l) => read(l.port, l.backend_port ?? l.port, l.protocol, l.certificate_arn)),
    ...ports.filter((port) => port !== balancer.port).map((port) => read(port, port, undefined, undefined)),
  ];
  const twice = all.find((l, i) => all.findIndex((other) => other.port === l.port) !== i);
  if (twice !== undefined) throw refuse(`listens on port ${twice.port} twice`, "name each port once");
  if (all.length > MOST_LISTENERS) throw refuse(`has ${all.length} listeners, and AWS allows ${MOST_LISTENERS}`, "narrow 'port_range' (cf-deployment reserves 1024 to 1033), or give the rest a load balancer of its own");
  return all;
}

/** One subnet of each AZ that has a target, and of every AZ where nobody is placed yet. */
function subnetsFor(balancer: LoadBalancerArgs, network: Network, internal: boolean): pulumi.Input<string>[] {
  if (!internal) {
    if (network.publicSubnets.size > 0) return [...network.publicSubnets.values()];
    throw new IaasError("iaas.network", `The load balancer '${balancer.name}' faces the internet, but there is no public subnet`, { method: "create_load_balancer", hint: "give the VPC 'publicRanges' (or 'publicSubnets'), or the balancer 'internal: true'" });
  }
  return [...new Map(network.subnets.map((subnet) => [subnet.az, subnet.id])).values()];
}

function declareNames({ sdk, settings }: Shared, name: string, { name: balancer, dnsNames }: LoadBalancerArgs, resource: { dnsName: pulumi.Output<string>; zoneId: pulumi.Output<string> }, opts: pulumi.CustomResourceOptions): string[] {
  if (dnsNames.length === 0) return [];
  const { hostedZone } = settings;
  if (hostedZone === undefined) {
    throw new IaasError("iaas.cloud-property", `The load balancer '${balancer}' wants the names ${dnsNames.join(", ")}, but no zone is known`, { method: "create_dns_record", hint: "give awsIaas a 'hostedZone', or take 'dns_names' away and make the records yourself" });
  }
  for (const dnsName of dnsNames) {
    const aliases = [{ name: resource.dnsName, zoneId: resource.zoneId, evaluateTargetHealth: false }];
    new sdk.Record(dashed(name, dnsName.replace("*", "any")), { zoneId: hostedZone, name: dnsName, type: "A", aliases }, opts);
  }
  return dnsNames.filter((dnsName) => !dnsName.startsWith("*"));
}

/** Names of load balancers and target groups have 32 characters: longer ones end in a digest of the whole. */
function short(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - digest.length - 1).replace(/-+$/, "")}-${digest}`;
}
