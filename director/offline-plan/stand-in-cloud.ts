import { blockAt, formatIp, parseIp, type IpAddress } from "../network/address.ts";
import { expandRanges } from "../network/range-list.ts";
import { isHash } from "../spec/read.ts";

/**
 * A cloud config that has whatever a manifest names: for plans of a platform before there is a cloud config. Networks are
 * large and private, sizes are read from names such as `10GB`; nothing in it is fit for a deployment.
 */
export function standInCloudConfig(manifest: unknown): Record<string, unknown> {
  const groups = (isHash(manifest) && Array.isArray(manifest["instance_groups"]) ? manifest["instance_groups"] : []).filter(isHash);
  const names = (pick: (group: Record<string, unknown>) => unknown): string[] => [
    ...new Set(groups.flatMap(pick).filter((name): name is string => typeof name === "string")),
  ];
  const networkEntries = groups.flatMap((group) => (Array.isArray(group["networks"]) ? group["networks"] : [])).filter(isHash);
  const networks = [...new Set(networkEntries.map((network) => network["name"]))].filter((name): name is string => typeof name === "string");
  const azs = names((group) => group["azs"]);
  const vmTypes = names((group) => group["vm_type"]);
  return {
    azs: azs.map((name) => ({ name })),
    vm_types: vmTypes.map((name) => ({ name })),
    vm_extensions: names((group) => group["vm_extensions"]).map((name) => ({ name })),
    disk_types: names((group) => [group["persistent_disk_type"], ...attachedTypes(group)]).map((name) => ({ name, disk_size: sizeIn(name) })),
    networks: (networks.length > 0 ? networks : ["default"]).map((name, i) => ({
      name,
      subnets: [{ ...standInRange(staticIps(networkEntries, name), i), ...(azs.length > 0 ? { azs } : {}) }],
    })),
    compilation: { workers: 1, network: networks[0] ?? "default", ...(azs[0] === undefined ? {} : { az: azs[0] }) },
  };
}

function attachedTypes(group: Record<string, unknown>): unknown[] {
  return (Array.isArray(group["persistent_disks"]) ? group["persistent_disks"] : []).filter(isHash).map((disk) => disk["type"]);
}

/** MiB. */
function sizeIn(name: string): number {
  const [, amount, unit] = /(\d+)\s*([MGT])i?B/i.exec(name) ?? [];
  if (amount === undefined) return 1024;
  return Number(amount) * { M: 1, G: 1024, T: 1024 * 1024 }[unit!.toUpperCase() as "M" | "G" | "T"];
}

function staticIps(networks: readonly Record<string, unknown>[], name: string): IpAddress[] {
  const written = networks.filter((network) => network["name"] === name).flatMap((network) => network["static_ips"] ?? []);
  return written.flatMap((item) => {
    try {
      return expandRanges([String(item)]);
    } catch {
      // the manifest's own check says what is wrong with it
      return [];
    }
  });
}

/** A range of a /16 or more around the static addresses, with the first other address as gateway. */
function standInRange(fixed: readonly IpAddress[], position: number): { range: string; gateway: string; static: string[] } {
  const first = fixed[0] ?? parseIp(`10.${position % 250}.0.0`);
  let block = blockAt(first, first.family === 4 ? 16 : 64);
  while (fixed.some((ip) => ip.family === block.family && (ip.value <= block.first || ip.value >= block.last)) && block.prefix > 1) block = blockAt(first, block.prefix - 1);
  const taken = new Set(fixed.map((ip) => ip.value));
  let gateway = block.first + 1n;
  while (taken.has(gateway)) gateway++;
  const text = (value: bigint): string => formatIp({ family: block.family, value });
  return { range: `${text(block.first)}/${block.prefix}`, gateway: text(gateway), static: [...new Set(fixed.map(formatIp))] };
}
