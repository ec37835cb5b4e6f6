import { RepaveError } from "../../director/core/errors.ts";
import { parseCidr, parseIp, parseRanges, type IpRange } from "../../director/network/index.ts";
import type { CloudConfigSpec, SubnetSpec } from "../../director/spec/cloud-config.ts";

/** A subnet of a cloud config and the network it belongs to. */
export interface KeptAt {
  network: string;
  subnet: SubnetSpec;
}

/**
 * Where an address is that no instance may get: the subnet keeps it, as reserved or static.
 *
 * @param what names the address in errors: `virtual address`
 * @throws RepaveError `iaas.network` where it is in no subnet, or could be given to an instance
 */
export function keptAddress(what: string, address: string, cloud: CloudConfigSpec): KeptAt {
  const manual = cloud.networks.filter((network) => network.type === "manual");
  const found = manual.flatMap(({ name, subnets }) => subnets.filter(({ range }) => range !== undefined && includes([parseCidr(range)], address)).map((subnet) => ({ network: name, subnet })))[0];
  if (found === undefined) throw new RepaveError("iaas.network", `The ${what} ${address} is in no subnet`, { hint: "take one of a subnet of the cloud config" });
  const { reserved, static: fixed, gateway, range } = found.subnet;
  if (address !== gateway && includes([...parseRanges(reserved), ...parseRanges(fixed)], address)) return found;
  throw new RepaveError("iaas.network", `The ${what} ${address} could be given to an instance`, { hint: `add it to 'reserved' of the subnet ${range} of the network '${found.network}'` });
}

function includes(ranges: readonly IpRange[], address: string): boolean {
  const { family, value } = parseIp(address);
  return ranges.some((range) => range.family === family && range.first <= value && value <= range.last);
}
