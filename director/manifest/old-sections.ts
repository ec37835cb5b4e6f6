import type { Report } from "../spec/issues.ts";

const cloudOnly = ["vm_types", "azs", "disk_types", "compilation"];

const gone: readonly [key: string, directorCode: number, message: string][] = [
  ["networks", 140026, "Deployment 'networks' are no longer supported. Network definitions must now be provided in a cloud-config."],
  ["disk_pools", 140027, "disk_pools is no longer supported. Disk definitions must now be provided as disk_types in a cloud-config"],
  ["jobs", 140023, "Jobs are no longer supported, please use instance groups instead"],
  ["resource_pools", 140028, "resource_pools is no longer supported. You must now define resources in a cloud-config"],
];

/** Refuses what belongs into the cloud config or to manifests of the first version. */
export function refuseOldSections(manifest: Record<string, unknown>, report: Report): void {
  for (const key of cloudOnly) {
    if (manifest[key] === undefined) continue;
    const message = `Deployment manifest contains '${key}' section, but this can only be set in a cloud-config.`;
    report.add([key], message, { directorCode: 190014 });
  }
  for (const [key, directorCode, message] of gone) {
    if (manifest[key] !== undefined) report.add([key], message, { directorCode });
  }
  if (manifest["properties"] !== undefined) {
    report.warn("Global 'properties' are deprecated. Please define 'properties' at the job level.");
  }
}
