import { IaasError } from "../../../director/core/errors.ts";
import type { SubnetArgs } from "../port.ts";

/**
 * The subnets as a local environment has them: one for each AZ.
 *
 * @throws IaasError `iaas.network` with everything that has no place in them
 */
export function localSubnets(subnets: readonly SubnetArgs[]): { az: string; cidr: string; gateway: string }[] {
  const problems: string[] = [];
  const taken = new Map<string, string>();
  const made = subnets.flatMap(({ network, azs, range, gateway }) => {
    const [az, ...others] = azs as [string, ...string[]];
    if (others.length > 0) problems.push(`subnet ${range} of network '${network}' spans the AZs ${azs.join(", ")}: give each a range of its own`);
    else if (taken.has(az)) problems.push(`AZ '${az}' has a second subnet, ${range} of network '${network}', beside ${taken.get(az)}`);
    taken.set(az, `${range} of network '${network}'`);
    return { az, cidr: range, gateway };
  });
  if (problems.length === 0) return made;
  throw new IaasError("iaas.network", `The cloud config's networks can't be made: ${problems.join("; ")}`, {
    method: "create_network",
    details: { problems },
    hint: "a local environment has one manual subnet in each AZ",
  });
}
