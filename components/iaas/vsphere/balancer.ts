import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { LoadBalancer, LoadBalancerArgs, OwnBalancer } from "../port.ts";
import { readProperties, type BalancerProperties } from "./cloud-properties.ts";
import type { VsphereIaasArgs } from "./options.ts";

type Wanted = Pick<LoadBalancerArgs, "name" | "port" | "cloudProperties">;

/** vSphere itself balances nothing: balancers are an instance group of the deployment's own, unless the operator has some. */
export function ownBalancer({ balancers = {} }: Pick<VsphereIaasArgs, "balancers">, wanted: Wanted): OwnBalancer | undefined {
  const { virtual_ip, address, port_range, proxy_protocol = false } = propertiesOf(wanted);
  if (virtual_ip === undefined) return undefined;
  if (address !== undefined) throw refuse(wanted, "has both 'virtual_ip' and 'address'", "'virtual_ip' is for balancers of repave's, 'address' for one of your own");
  const { instances = 2, vmType, azs } = balancers;
  return { virtualAddress: virtual_ip, ports: port_range ?? { first: wanted.port, last: wanted.port }, proxyProtocol: proxy_protocol, group: { instances, vmType, azs } };
}

/** Where clients go: the virtual address, or that of the operator's load balancer, which knows the group's addresses and checks their health. */
export function declareBalancer(balancer: LoadBalancerArgs, resource: pulumi.Resource): LoadBalancer {
  const { virtual_ip, address } = propertiesOf(balancer);
  return { resource, url: pulumi.output(`http://${virtual_ip ?? address}:${balancer.port}`) };
}

function propertiesOf(wanted: Wanted): BalancerProperties {
  const properties = readProperties<BalancerProperties>("load_balancer", `load balancer '${wanted.name}'`, wanted.cloudProperties);
  if (properties.virtual_ip === undefined && properties.address === undefined) {
    throw refuse(wanted, "has no address, and vSphere gives it none", "add 'cloud_properties: { virtual_ip: ADDRESS }' for balancers of the deployment's own, or 'address' of a load balancer of yours (docs/reference/vsphere.md)");
  }
  if (wanted.port === 0) throw refuse(wanted, "listens on no port", "give it a 'port': vSphere chooses none");
  const range = properties.port_range;
  if (range !== undefined && (wanted.port < range.first || wanted.port > range.last)) throw refuse(wanted, `listens on port ${wanted.port}, outside of its 'port_range'`, `give it the 'port' ${range.first}`);
  return properties;
}

function refuse({ name }: Wanted, why: string, hint: string): IaasError {
  return new IaasError("iaas.cloud-property", `The load balancer '${name}' ${why}`, { method: "create_load_balancer", hint });
}
