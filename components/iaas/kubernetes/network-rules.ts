import type { PortRule } from "../port.ts";

/** One entry of a NetworkPolicy's `ingress`. */
export interface IngressRule {
  from: object[];
  ports?: { protocol: string; port: number; endPort?: number }[];
}

/**
 * Port rules as a NetworkPolicy takes them; what none allows is denied. ICMP has no word there, so nothing comes of it.
 *
 * @param vms labels of the environment's VMs
 * @param alsoFrom who besides may do what ranges may, for deployers inside
 */
export function ingressRules(rules: readonly PortRule[], vms: Record<string, string>, alsoFrom: readonly object[] = []): IngressRule[] {
  return rules
    .filter((rule) => rule.protocol !== "icmp")
    .map(({ from, protocol, ports }) => ({
      from: from === "vms" ? [{ podSelector: { matchLabels: vms } }] : [...from.ranges.map((cidr) => ({ ipBlock: { cidr } })), ...alsoFrom],
      ...(protocol === "any" || ports === undefined
        ? {}
        : { ports: [{ protocol: protocol.toUpperCase(), port: ports.first, ...(ports.last === ports.first ? {} : { endPort: ports.last }) }] }),
    }));
}
