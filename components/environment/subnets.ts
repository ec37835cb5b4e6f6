import { RepaveError } from "../../director/core/errors.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { SubnetArgs } from "../iaas/port.ts";

/**
 * The subnets an adapter makes for a cloud config: one for each AZ, of its manual networks.
 *
 * @throws RepaveError `iaas.network` with everything that has no place in them
 */
export function subnetsOf(cloud: CloudConfigSpec): SubnetArgs[] {
  const problems: string[] = [];
  const taken = new Map<string, string>();
  const subnets = cloud.networks.flatMap((network) => (network.type === "manual" ? network.subnets.map((subnet) => ({ network: network.name, ...subnet })) : [])).flatMap(({ network, range, gateway, azs }): SubnetArgs[] => {
    const where = `subnet ${range ?? ""} of network '${network}'`;
    if (range === undefined || gateway === undefined) {
      problems.push(`${where} needs a range and a gateway`);
      return [];
    }
    if (azs === undefined || azs.length !== 1) {
      problems.push(azs === undefined ? `${where} is in no AZ` : `${where} spans the AZs ${azs.join(", ")}: give each a range of its own`);
      return [];
    }
    const [az] = azs as [string];
    if (taken.has(az)) problems.push(`AZ '${az}' has a second subnet, ${range} of network '${network}', beside ${taken.get(az)}`);
    taken.set(az, `${range} of network '${network}'`);
    return [{ az, range, gateway }];
  });
  if (subnets.length === 0 && problems.length === 0) problems.push("there is no manual network");
  if (problems.length > 0) {
    throw new RepaveError("iaas.network", `The cloud config's networks can't be made: ${problems.join("; ")}`, { details: { problems }, hint: "an environment has one manual subnet in each AZ" });
  }
  return subnets;
}
