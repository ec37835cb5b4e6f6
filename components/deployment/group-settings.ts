import * as pulumi from "@pulumi/pulumi";
import { stemcellOs } from "../../director/manifest/stemcells.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec, StemcellSpec } from "../../director/spec/deployment.ts";
import { resolveUpdate, type UpdateSettings, type WatchTime } from "../../director/update/index.ts";
import type { Iaas } from "../iaas/port.ts";
import { ownBalancerOf } from "./own-balancers.ts";
import { paceOverrides } from "./pace.ts";

/**
 * The group's update settings as far as its VMs can exist twice: not where an address is fixed, nor where the IaaS can't take a disk
 * from one live VM to another, nor where balancers of the deployment's own know members by their addresses and are updated after them.
 */
export function settingsOf(group: InstanceGroupSpec, cloud: CloudConfigSpec, iaas: Pick<Iaas, "movesDisks" | "ownBalancer">): UpdateSettings {
  const u = group.update;
  const range = ({ minMs, maxMs }: WatchTime) => `${minMs}-${maxMs}`;
  const settings = resolveUpdate({ ...u, ...allowReplace(u.allowReplace), canaryWatchTime: range(u.canaryWatchTime), updateWatchTime: range(u.updateWatchTime) }, {}, paceOverrides());
  const disks = group.persistentDisk > 0 || group.persistentDisks.length > 0;
  const vips = new Set(cloud.networks.filter((network) => network.type === "vip").map((network) => network.name));
  const fixed = group.networks.some((network) => network.staticIps !== undefined || vips.has(network.name));
  const known = fixed || ownBalancerOf(group, cloud, iaas) !== undefined;
  return known || (disks && !iaas.movesDisks) ? { ...settings, vmStrategy: "delete-create", maxSurge: 0 } : settings;
}

/** `repave:allow_replace` is the answer for groups that have none of their own. */
function allowReplace(own: boolean | undefined): { allowReplace?: boolean } {
  const answer = own ?? new pulumi.Config("repave").getBoolean("allow_replace");
  return answer === undefined ? {} : { allowReplace: answer };
}

export function stemcellOf(spec: DeploymentSpec, group: InstanceGroupSpec): { os: string; version: string } {
  const stemcell = spec.stemcells.find((s) => s.alias === group.stemcell)!;
  return { os: osOf(stemcell), version: stemcell.version };
}

/** What adapters know a stemcell by, also where the manifest gives its full name only. */
export function osOf(stemcell: StemcellSpec): string {
  return stemcellOs(stemcell) ?? stemcell.name ?? "";
}
