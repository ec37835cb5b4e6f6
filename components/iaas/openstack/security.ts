import * as pulumi from "@pulumi/pulumi";
import type { PortRule } from "../port.ts";
import { descriptionOf } from "../tags.ts";
import { dashed, type Shared } from "./shared.ts";

/** The environment's own security group: what the port table says and, since OpenStack denies by default, nothing else. */
export class SecurityGroups {
  readonly own: pulumi.CustomResource;
  /** Made after all else that VMs need: who waits for it waits for everything, by one edge. */
  readonly ready: pulumi.Resource;
  readonly #shared: Shared;
  readonly #found = new Map<string, pulumi.Output<string>>();
  readonly #allowed = new Set<string>();

  constructor(shared: Shared, needed: readonly pulumi.Resource[]) {
    const { sdk, name, open, opts } = shared;
    this.#shared = shared;
    const tags = Object.entries(open.tags).map(([key, value]) => `${key}=${value}`);
    this.own = new sdk.networking.SecGroup(dashed(name, "vms"), { name: dashed(name, "vms"), description: descriptionOf(open.environment), deleteDefaultRules: true, tags }, opts);
    const after = pulumi.mergeOptions(opts, { dependsOn: [...needed, ...this.allow(open.rules)] });
    [this.ready = this.own] = this.allow([{ description: "all that VMs begin", from: { ranges: ["0.0.0.0/0"] }, protocol: "any" }], "egress", after);
  }

  /** Opens what the rules say. A rule is named by what it opens and declared once, whoever asks: Neutron takes none twice. */
  allow(rules: readonly PortRule[], direction: "ingress" | "egress" = "ingress", opts: pulumi.CustomResourceOptions = this.#shared.opts): pulumi.Resource[] {
    return rules.flatMap((rule) => {
      const sources = rule.from === "vms" ? [undefined] : rule.from.ranges;
      return sources.flatMap((range) => this.#allow(rule, direction, range, pulumi.mergeOptions(opts, { deleteBeforeReplace: true })));
    });
  }

  #allow({ description, protocol, ports }: PortRule, direction: string, range: string | undefined, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { sdk, name } = this.#shared;
    const port = ports === undefined ? [] : [ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`];
    const ruleName = dashed(name, direction, protocol, ...port, range ?? "vms");
    if (this.#allowed.has(ruleName)) return [];
    this.#allowed.add(ruleName);
    const made = new sdk.networking.SecGroupRule(
      ruleName,
      {
        securityGroupId: this.own.id,
        direction,
        ethertype: "IPv4",
        protocol: protocol === "any" ? undefined : protocol,
        portRangeMin: ports?.first,
        portRangeMax: ports?.last,
        remoteIpPrefix: range,
        remoteGroupId: range === undefined ? this.own.id : undefined,
        description,
      },
      opts,
    );
    return [made];
  }

  /** Ids of the groups of a port: the environment's own, and those that are named, by id or name. */
  of(named: readonly string[]): pulumi.Input<string>[] {
    return [this.own.id, ...named.map((group) => this.#idOf(group))];
  }

  #idOf(group: string): pulumi.Output<string> {
    if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(group)) return pulumi.output(group);
    const { sdk, opts } = this.#shared;
    const found = this.#found.get(group) ?? sdk.networking.getSecGroupOutput({ name: group }, opts).id;
    this.#found.set(group, found);
    return found;
  }
}
