import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { LoadBalancer, LoadBalancerArgs } from "../port.ts";
import { readProperties } from "./cloud-properties.ts";

/**
 * What clients go to in front of a group. vSphere itself balances nothing: the address is that of an instance group with HAProxy, or of a
 * load balancer of the operator's own, which knows the group's addresses and checks their health. They outlive their VMs.
 */
export function declareBalancer(balancer: LoadBalancerArgs, resource: pulumi.Resource): LoadBalancer {
  const { address } = readProperties<{ address?: string }>("load_balancer", `load balancer '${balancer.name}'`, balancer.cloudProperties);
  const refuse = (why: string, hint: string) => new IaasError("iaas.cloud-property", `The load balancer '${balancer.name}' ${why}`, { method: "create_load_balancer", hint });
  if (address === undefined) {
    throw refuse("has no address, and vSphere gives it none", "add 'cloud_properties: { address: ADDRESS }': the static address of the deployment's HAProxy group (docs/reference/vsphere.md), or of a load balancer of your own");
  }
  if (balancer.port === 0) throw refuse("listens on no port", "give it a 'port': vSphere chooses none");
  return { resource, url: pulumi.output(`http://${address}:${balancer.port}`) };
}
