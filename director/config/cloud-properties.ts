import { RepaveError } from "../core/errors.ts";
import type { CloudConfigSpec } from "../spec/cloud-config.ts";
import type { InstanceGroupSpec, JsonObject } from "../spec/deployment.ts";

/**
 * What an adapter makes a VM from: the AZ's cloud properties, under the VM type's, under each extension's in order,
 * under what the IaaS computed for `vm_resources`. A later key replaces an earlier one whole; nothing is merged deeper.
 */
export function vmCloudProperties(
  group: Pick<InstanceGroupSpec, "name" | "vmType" | "vmExtensions">,
  az: string | null | undefined,
  cloud: CloudConfigSpec,
  fromResources: JsonObject = {},
): JsonObject {
  const find = (list: readonly { name: string; cloudProperties: JsonObject }[], kind: string, name: string): JsonObject => {
    const entry = list.find((item) => item.name === name);
    if (entry !== undefined) return entry.cloudProperties;
    throw new RepaveError("manifest.invalid", `Instance group '${group.name}' references an unknown ${kind} '${name}'`);
  };
  return Object.assign(
    {},
    az ? find(cloud.azs, "availability zone", az) : {},
    group.vmType === undefined ? {} : find(cloud.vmTypes, "vm type", group.vmType),
    ...group.vmExtensions.map((name) => find(cloud.vmExtensions, "vm extension", name)),
    fromResources,
  ) as JsonObject;
}
