import { localError } from "./failure.ts";
import { requireHolder, runInside } from "./holder.ts";
import type { NetworkSpec } from "./network.ts";
import { EnvironmentPaths } from "./paths.ts";
import { killProcess } from "./process-table.ts";
import { readRecord } from "./record.ts";
import { readVm, vmFolders } from "./vm-record.ts";

// packets between AZs vanish, as with a broken line; our own programs hear at once that there is no way
const rulesOf = `
rules() {
  ip rule "$1" pref 100 iif lo to "$3" unreachable
  ip rule "$1" pref 101 to "$3" blackhole
  ip rule "$1" pref 101 iif "$2" blackhole
}
`;
const healScript = `${rulesOf}
while rules del "$1" "$2" 2>/dev/null; do :; done
`;
const cutScript = `${healScript}
rules add "$1" "$2"
`;

/** Cuts an AZ off from the other AZs and from the load balancers and `dial`. Inside the AZ all goes on. */
export async function cutAz(paths: EnvironmentPaths, az: string): Promise<void> {
  await change(paths, az, cutScript);
}

export async function healAz(paths: EnvironmentPaths, az: string): Promise<void> {
  await change(paths, az, healScript);
}

/** Kills every VM of an AZ without notice. */
export async function killAz(paths: EnvironmentPaths, az: string): Promise<void> {
  const records = await Promise.all((await vmFolders(paths)).map((cid) => readVm(paths, cid)));
  await Promise.all(records.filter((r) => r?.az === az).map((r) => killProcess(r?.init)));
}

async function change(paths: EnvironmentPaths, az: string, script: string): Promise<void> {
  const holder = await requireHolder(paths, "cut_az");
  const subnet = (await readRecord<NetworkSpec>(paths.network))?.subnets.find((s) => s.az === az);
  if (subnet === undefined) throw localError("no-az", "cut_az", `AZ '${az}' is not in the local network`);
  await runInside(holder, "cut_az", `Cannot change the routes of AZ '${az}'`, script, [EnvironmentPaths.bridge(az), subnet.cidr]);
}
