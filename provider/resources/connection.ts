import { z } from "zod";

/**
 * The deployer's way to its VMs: they are of the local IaaS; their addresses can be dialled from here; a program carries the bytes, with
 * `%h` and `%p` for address and port: `ssh -W %h:%p jumpbox` for one; or the environment's jumpbox does, whose agent has the same CA.
 */
export const accessPathSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("local"), environment: z.string() }),
  z.object({ kind: z.literal("direct") }),
  z.object({ kind: z.literal("command"), argv: z.array(z.string()).min(1) }),
  z.object({ kind: z.literal("jumpbox"), ip: z.string(), agentId: z.string(), password: z.string(), agentPort: z.number().int().optional(), sshPort: z.number().int().optional() }),
]);

export type AccessPath = z.infer<typeof accessPathSchema>;

/** How an agent is reached. */
export const agentAccessSchema = z.object({
  via: accessPathSchema,
  ip: z.string(),
  port: z.number().int(),
  agentId: z.string(),
  password: z.string(),
  /** PEM of the CA that signed the agent's certificate. */
  ca: z.string(),
});

export type AgentAccess = z.infer<typeof agentAccessSchema>;

/** The access of an instance without a VM. */
export const noAgent: AgentAccess = { via: { kind: "direct" }, ip: "", port: 0, agentId: "", password: "", ca: "" };
