import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";

/** What placement needs of the spec. Errands have no VM until they run. */
export function placementArgs(spec: DeploymentSpec, cloud: CloudConfigSpec): object {
  return {
    deployment: spec.name,
    groups: spec.instanceGroups
      .filter((group) => group.lifecycle === "service")
      .map((group) => ({
        name: group.name,
        instances: group.instances,
        azs: group.azs,
        networks: group.networks,
        persistentDisk: group.persistentDisk > 0 || group.persistentDisks.length > 0,
        migratedFrom: group.migratedFrom,
      })),
    networks: cloud.networks,
    features: { randomizeAzPlacement: spec.features.randomizeAzPlacement },
  };
}
