import { createHash } from "node:crypto";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../../director/spec/deployment.ts";
import type { TurnRequest } from "../../director/update/vm-turns.ts";
import { ignoredIds } from "../../director/update/ignored.ts";
import type { Iaas } from "../iaas/port.ts";
import { settingsOf, stemcellOf } from "./group-settings.ts";
import { instanceRequests } from "./instance-requests.ts";

/** What placement needs of the spec. Errands have no VM until they run. */
export function placementArgs(spec: DeploymentSpec, cloud: CloudConfigSpec, asked: TurnRequest, iaas: Pick<Iaas, "movesDisks" | "ownBalancer">): object {
  const { ignored } = instanceRequests();
  return {
    deployment: spec.name,
    groups: spec.instanceGroups
      .filter((group) => group.lifecycle === "service")
      .map((group) => {
        const settings = settingsOf(group, cloud, iaas);
        return {
          name: group.name,
          instances: group.instances,
          azs: group.azs,
          networks: group.networks,
          persistentDisk: group.persistentDisk > 0 || group.persistentDisks.length > 0,
          migratedFrom: group.migratedFrom,
          state: group.state,
          instanceStates: group.instanceStates,
          settings,
          vmStrategy: settings.vmStrategy,
          vmFingerprint: vmFingerprints(spec, group, cloud),
        };
      }),
    networks: cloud.networks,
    features: { randomizeAzPlacement: spec.features.randomizeAzPlacement },
    ...(cloud.azs.some((az) => az.drain) ? { azs: cloud.azs.map(({ name, drain }) => ({ name, drain: drain ?? false })) } : {}),
    ...(ignored.length > 0 ? { ignored: ignoredIds(ignored) } : {}),
    ...asked,
  };
}

/** What a VM of the group is made from, by AZ: one of another print is another VM. Credentials are in it only by name. */
function vmFingerprints(spec: DeploymentSpec, group: InstanceGroupSpec, cloud: CloudConfigSpec): Record<string, string> {
  const { os, version } = stemcellOf(spec, group);
  const print = (az: string | null): string => {
    // Who is behind a load balancer changes without a new VM.
    const { load_balancer: _, ...properties } = vmCloudProperties(group, az, cloud);
    return `stemcell ${os}/${version}, properties ${digest(properties)}, env ${digest(group.env)}`;
  };
  return Object.fromEntries((group.azs ?? [null]).map((az) => [az ?? "", print(az)]));
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, sorted)).digest("hex").slice(0, 12);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value !== null && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}
