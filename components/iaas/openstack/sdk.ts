import { RepaveError } from "../../../director/core/errors.ts";

export type Openstack = typeof import("@pulumi/openstack");

/** Loaded when an environment is opened, so that nobody else needs it installed. */
export function loadSdk(): Openstack {
  try {
    return require("@pulumi/openstack") as Openstack;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new RepaveError("setup.missing-package", "The OpenStack adapter needs the package @pulumi/openstack, which is not installed", { hint: "npm install @pulumi/openstack", cause });
  }
}
