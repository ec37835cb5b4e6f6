import { IaasError } from "../../../director/core/errors.ts";
import type { PortRule } from "../port.ts";
import type { VmProperties } from "./cloud-properties.ts";

export interface ServicePort {
  name: string;
  protocol: string;
  port: number;
  targetPort: number;
  nodePort?: number;
}

/** Past this a Service is the wrong means: every port is a rule on every host. */
const MOST = 250;

/**
 * The ports that a VM's address leads to, where it is a Service's: what the port rules open to anyone by number, what its VM type names, and
 * those of its load balancer.
 *
 * @throws IaasError `iaas.cloud-property` for more than a Service should have
 */
export function addressPorts(whose: string, rules: readonly PortRule[], { ingresses = [], load_balancer: balancer }: VmProperties): ServicePort[] {
  const wanted = new Map<string, ServicePort>();
  const open = (protocol: string, first: number, last: number) => {
    for (let port = first; port <= last && wanted.size <= MOST; port++) wanted.set(`${protocol}-${port}`, { name: `${protocol}-${port}`, protocol: protocol.toUpperCase(), port, targetPort: port });
  };
  for (const { protocol, ports } of rules) if (ports !== undefined && (protocol === "tcp" || protocol === "udp")) open(protocol, ports.first, ports.last);
  for (const { ports, protocols = ["tcp"] } of ingresses) {
    for (const range of ports) {
      const [first, last = first] = String(range).split("-").map(Number) as [number, number?];
      for (const protocol of protocols) open(protocol.toLowerCase(), first, last);
    }
  }
  for (const port of [balancer?.["backend_port"], (balancer?.["health"] as { port?: unknown } | undefined)?.port]) if (typeof port === "number") open("tcp", port, port);
  if (wanted.size <= MOST) return [...wanted.values()];
  throw new IaasError("iaas.cloud-property", `The VM type of ${whose} opens more than ${MOST} ports on its address`, { method: "create_vm", hint: "let a CNI give Pods their addresses: kubernetesIaas({ addresses: \"calico\" }), for one" });
}
