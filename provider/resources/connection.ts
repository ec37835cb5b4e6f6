import { z } from "zod";

/** How an agent is reached: an address inside a local environment, or one that this machine can dial itself. */
export const agentAccessSchema = z.object({
  via: z.discriminatedUnion("kind", [z.object({ kind: z.literal("local"), environment: z.string() }), z.object({ kind: z.literal("direct") })]),
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
