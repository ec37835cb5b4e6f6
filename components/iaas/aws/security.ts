import * as pulumi from "@pulumi/pulumi";
import type { PortRule } from "../port.ts";
import { dashed, named, type Shared } from "./shared.ts";

/** The environment's own security group: what the port table says and, since AWS denies by default, nothing else. */
export class SecurityGroups {
  readonly own: pulumi.CustomResource;
  /** Made after all else that VMs need: who waits for it waits for everything. */
  readonly ready: pulumi.Resource;
  readonly #shared: Shared;

  constructor(shared: Shared, vpcId: pulumi.Output<string>, needed: readonly pulumi.Resource[]) {
    const { sdk, name, open, opts } = shared;
    this.#shared = shared;
    const label = dashed(name, "vms");
    // Its description can't change; a rule that refers to itself must not keep it from going.
    this.own = new sdk.SecurityGroup(label, { name: label, description: `VMs of the environment ${name}`, vpcId, revokeRulesOnDelete: true, tags: named(label, open.tags) }, opts);
    const after = pulumi.mergeOptions(opts, { dependsOn: [...needed, ...this.allow(open.rules)] });
    this.ready = new sdk.SecurityGroupEgressRule(label, { securityGroupId: this.own.id, description: "all that VMs begin", ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" }, after);
  }

  /** Opens what the rules say; a rule is called by what it opens, so that it stays when others come and go. */
  allow(rules: readonly PortRule[]): pulumi.Resource[] {
    const { name, opts } = this.#shared;
    return rules.flatMap(({ description, from, protocol, ports }) => {
      const sources = from === "vms" ? [{ referencedSecurityGroupId: this.own.id, label: "vms" }] : from.ranges.map((range) => ({ cidrIpv4: range, label: range }));
      return sources.map(({ label, ...source }) => this.#rule(dashed(name, protocol, ...portLabel(ports), label), { description, protocol, ports, source }, opts));
    });
  }

  /** Lets a load balancer's group in where it sends to. */
  allowGroup(name: string, description: string, group: pulumi.Output<string>, ports: readonly number[], opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    return [...new Set(ports)].map((port) => this.#rule(dashed(name, "to", String(port)), { description, protocol: "tcp", ports: { first: port, last: port }, source: { referencedSecurityGroupId: group } }, opts));
  }

  /** Ids of the groups of an interface: the environment's own, and those that are named. */
  of(given: readonly string[]): pulumi.Input<string>[] {
    return [this.own.id, ...given];
  }

  #rule(name: string, { description, protocol, ports, source }: { description: string; protocol: PortRule["protocol"]; ports: PortRule["ports"]; source: object }, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { sdk } = this.#shared;
    const range = protocol === "icmp" ? { fromPort: -1, toPort: -1 } : ports === undefined ? {} : { fromPort: ports.first, toPort: ports.last };
    return new sdk.SecurityGroupIngressRule(name, { securityGroupId: this.own.id, description, ipProtocol: protocol === "any" ? "-1" : protocol, ...range, ...source }, pulumi.mergeOptions(opts, { deleteBeforeReplace: true }));
  }
}

function portLabel(ports: PortRule["ports"]): string[] {
  if (ports === undefined) return [];
  return [ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`];
}
