import * as pulumi from "@pulumi/pulumi";
import type { AgentSettings } from "../../provider/resources/agent-settings.ts";
import type { AccessPath } from "./port.ts";

/** The way through a jumpbox at this address, once its VM is there. */
export function jumpboxPath(address: pulumi.Input<string>, settings: AgentSettings, vm: pulumi.CustomResource): pulumi.Output<AccessPath> {
  const path = pulumi.all([address, settings.agentId, settings.mbusPassword, vm.id]).apply(([ip, agentId, password]) => ({ kind: "jumpbox" as const, ip, agentId, password }));
  return pulumi.secret(path);
}
