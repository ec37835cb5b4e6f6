import { mkdir, rm } from "node:fs/promises";
import { contains, overlap, parseAddress, parseCidr } from "./address.ts";
import { localError } from "./failure.ts";
import { ensureHolder, findHolder, runInside, type HolderRecord } from "./holder.ts";
import { withLock } from "./lock.ts";
import { EnvironmentPaths } from "./paths.ts";
import { namespaceOf } from "./process-table.ts";
import { readRecord, writeRecord } from "./record.ts";

export const networkLock = "the network";

export interface SubnetSpec {
  az: string;
  /** IPv4 range, such as 10.0.1.0/24. Ranges of one environment may not overlap; other environments may use the same. */
  cidr: string;
  gateway: string;
}

export interface NetworkSpec {
  name: string;
  subnets: SubnetSpec[];
}

export interface NetworkInfo extends NetworkSpec {
  environment: string;
  /** The kernel's name of the network namespace, such as net:[4026532000]. */
  namespace: string;
  /** The process that keeps it. */
  holderPid: number;
}

export function checkNetwork(spec: NetworkSpec): void {
  const ranges = spec.subnets.map((s) => ({ ...s, range: parseCidr(s.cidr) }));
  for (const [i, subnet] of ranges.entries()) {
    if (!contains(subnet.range, subnet.gateway)) {
      throw localError("bad-address", "create_network", `Gateway ${subnet.gateway} of AZ '${subnet.az}' is not in ${subnet.cidr}`);
    }
    const other = ranges.slice(0, i).find((o) => o.az === subnet.az || overlap(o.range, subnet.range));
    if (other?.az === subnet.az) throw localError("bad-network", "create_network", `AZ '${subnet.az}' has two subnets`, { hint: "the local IaaS has one subnet per AZ" });
    if (other !== undefined) throw localError("bad-network", "create_network", `Subnets of AZs '${other.az}' and '${subnet.az}' overlap`);
  }
}

/** Makes what is missing and removes what is no longer asked for. The caller has the environment's lock. */
export async function ensureNetwork(paths: EnvironmentPaths, environment: string, spec: NetworkSpec): Promise<NetworkInfo> {
  checkNetwork(spec);
  await mkdir(paths.root, { recursive: true, mode: 0o700 });
  await writeRecord(paths.record, { environment });
  const holder = await ensureHolder(paths);
  await writeRecord(paths.network, spec);
  await runInside(holder, "create_network", `Cannot make network '${spec.name}'`, bridgesScript, wantedBridges(spec));
  return infoOf(environment, spec, holder);
}

/** Brings a network back whose first process is gone, after a reboot for one. A deleted network stays deleted. */
export async function reviveNetwork(paths: EnvironmentPaths): Promise<void> {
  if ((await findHolder(paths)) !== undefined) return;
  await withLock(paths.root, networkLock, async () => {
    const [spec, known] = [await readRecord<NetworkSpec>(paths.network), await readRecord<{ environment: string }>(paths.record)];
    if (spec !== undefined && known !== undefined) await ensureNetwork(paths, known.environment, spec);
  });
}

export async function findNetwork(paths: EnvironmentPaths, environment: string): Promise<NetworkInfo | undefined> {
  const [holder, spec] = [await findHolder(paths), await readRecord<NetworkSpec>(paths.network)];
  return holder === undefined || spec === undefined ? undefined : infoOf(environment, spec, holder);
}

export async function forgetNetwork(paths: EnvironmentPaths): Promise<void> {
  await rm(paths.network, { force: true });
}

export async function subnetOf(paths: EnvironmentPaths, az: string, ip: string): Promise<SubnetSpec & { prefix: number }> {
  const spec = await readRecord<NetworkSpec>(paths.network);
  const subnet = spec?.subnets.find((s) => s.az === az);
  if (subnet === undefined) {
    throw localError("no-az", "create_vm", `AZ '${az}' is not in the local network`, { details: { az, known: spec?.subnets.map((s) => s.az) ?? [] } });
  }
  const range = parseCidr(subnet.cidr);
  if (!contains(range, ip) || ip === subnet.gateway || parseAddress(ip) === range.base) {
    throw localError("bad-address", "create_vm", `${ip} is not a free address of AZ '${az}' (${subnet.cidr}, gateway ${subnet.gateway})`);
  }
  return { ...subnet, prefix: range.prefix };
}

function infoOf(environment: string, spec: NetworkSpec, holder: HolderRecord): NetworkInfo {
  return { ...spec, environment, namespace: namespaceOf(holder.init.pid, "net") ?? "", holderPid: holder.init.pid };
}

function wantedBridges(spec: NetworkSpec): string[] {
  return spec.subnets.map((s) => `${EnvironmentPaths.bridge(s.az)}=${s.gateway}/${parseCidr(s.cidr).prefix}`);
}

const bridgesScript = `
have=$(ip -o link show type bridge | sed 's/^[0-9]*: *\\([^:@]*\\).*/\\1/')
for bridge in $have; do
  case " $* " in *" $bridge="*) ;; *) ip link del "$bridge" ;; esac
done
for want in "$@"; do
  bridge=\${want%%=*} address=\${want#*=}
  case " $(echo $have) " in *" $bridge "*) ;; *) ip link add name "$bridge" type bridge ;; esac
  if ! ip -o addr show dev "$bridge" | grep -qF " $address "; then
    ip addr flush dev "$bridge" scope global
    ip addr add "$address" dev "$bridge"
  fi
  ip link set "$bridge" up
done
`;
