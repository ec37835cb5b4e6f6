/** Who may reach the VMs of an environment, and where. Security groups of every IaaS are made from a list of these. */
export interface PortRule {
  /** Why it is open, for people. */
  description: string;
  /** Every VM of the environment, or ranges of addresses (CIDR). */
  from: "vms" | { ranges: readonly string[] };
  protocol: "tcp" | "udp" | "icmp" | "any";
  /** Absent of `icmp` and `any`. */
  ports?: { first: number; last: number };
}

/** Where an agent listens for its deployer. */
export const MBUS_PORT = 6868;
const SSH_PORT = 22;

/**
 * What every VM allows: the other VMs everything, the deployer the agent and SSH, pings for path MTU and diagnosis, nothing else.
 *
 * @param deployer ranges that the deployer may come from
 */
export function vmPortTable(deployer: readonly string[]): PortRule[] {
  const one = (port: number) => ({ first: port, last: port });
  return [
    { description: "VMs among themselves", from: "vms", protocol: "any" },
    { description: "deployer to agents", from: { ranges: deployer }, protocol: "tcp", ports: one(MBUS_PORT) },
    { description: "deployer by SSH", from: { ranges: deployer }, protocol: "tcp", ports: one(SSH_PORT) },
    { description: "ICMP", from: { ranges: ["0.0.0.0/0"] }, protocol: "icmp" },
  ];
}

/** What the VMs behind a load balancer allow besides. */
export function backendPortTable(balancer: string, from: readonly string[], ports: readonly number[]): PortRule[] {
  return [...new Set(ports)].map((port) => ({ description: `load balancer ${balancer} to port ${port}`, from: { ranges: from }, protocol: "tcp", ports: { first: port, last: port } }));
}
