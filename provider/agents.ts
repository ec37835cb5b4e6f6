import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { AgentClient, type AgentClientOptions } from "./agent/index.ts";
import { dialCommand } from "./dial-command.ts";
import { dialThrough } from "./jumpbox.ts";
import { localIaasOf } from "./local-environments.ts";
import type { Operation } from "./resource-kind.ts";
import type { AgentAccess } from "./resources/connection.ts";

/** A client for the agent behind an access; `instance` names it in errors (`router/0`). */
export function openAgent(home: string, access: AgentAccess, instance: string, options: Partial<AgentClientOptions> = {}): AgentClient {
  return new AgentClient({
    instance,
    address: { ip: access.ip, port: access.port },
    user: "mbus",
    password: access.password,
    ca: access.ca,
    serverName: access.agentId,
    dial: dialerOf(home, access),
    ...options,
  });
}

/** Connects to any port of the VM behind an access, or of its neighbours. */
export function dialerOf(home: string, access: AgentAccess): (ip: string, port: number) => Promise<Duplex> {
  const { via } = access;
  switch (via.kind) {
    case "local": {
      const iaas = localIaasOf(home, via.environment);
      return (ip, port) => iaas.dial(ip, port);
    }
    case "command":
      return (ip, port) => dialCommand(via.argv, ip, port);
    case "jumpbox":
      return (ip, port) => dialThrough({ ...via, ca: access.ca }, ip, port);
    case "direct":
      return async (ip, port) => connect(port, ip);
  }
}

const AT_ONCE = 32;

/** Does the same with many agents, some at a time; the first failure ends it once the running ones are done. */
export async function withAgents(agents: readonly { instance: string; access: AgentAccess }[], operation: Operation, work: (agent: AgentClient) => Promise<void>): Promise<void> {
  for (let at = 0; at < agents.length; at += AT_ONCE) {
    operation.signal.throwIfAborted();
    const results = await Promise.allSettled(
      agents.slice(at, at + AT_ONCE).map(async ({ instance, access }) => {
        const agent = openAgent(operation.services.home, access, instance);
        try {
          await work(agent);
        } finally {
          agent.close();
        }
      }),
    );
    const failed = results.find((r) => r.status === "rejected");
    if (failed) throw failed.reason;
  }
}
