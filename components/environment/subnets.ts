import { RepaveError } from "../../director/core/errors.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { SubnetArgs } from "../iaas/port.ts";

/**
 * The subnets an adapter makes for a cloud config, or is given: those of its manual networks.
 *
 * @throws RepaveError `iaas.network` with everything that no IaaS could make
 */
export function subnetsOf(cloud: CloudConfigSpec): SubnetArgs[] {
  const problems: string[] = [];
  const manual = cloud.networks.flatMap((network) => (network.type === "manual" ? network.subnets.map((subnet) => ({ network: network.name, ...subnet })) : []));
  const subnets = manual.flatMap(({ network, range, gateway, azs, dns = [], cloudProperties }): SubnetArgs[] => {
    const where = `subnet ${range ?? ""} of network '${network}'`;
    if (range === undefined || gateway === undefined) problems.push(`${where} needs a range and a gateway`);
    if (azs === undefined || azs.length === 0) problems.push(`${where} is in no AZ`);
    return range === undefined || gateway === undefined || azs === undefined || azs.length === 0 ? [] : [{ network, azs, range, gateway, dns, cloudProperties }];
  });
  if (manual.length === 0) problems.push("there is no manual network");
  if (problems.length > 0) {
    throw new RepaveError("iaas.network", `The cloud config's networks can't be made: ${problems.join("; ")}`, { details: { problems }, hint: "an environment has a manual subnet in each AZ" });
  }
  return subnets;
}
