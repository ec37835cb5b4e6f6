import type { CloudConfigSpec } from "../spec/cloud-config.ts";
import type { FeaturesSpec, JsonObject, ReleaseSpec, StemcellSpec, UpdateSpec } from "../spec/deployment.ts";
import type { Report } from "../spec/issues.ts";
import type { UpdateOverrides } from "./update.ts";

/** What reading one instance group needs to know of the rest of the deployment. */
export interface ManifestContext {
  report: Report;
  /** Absent: names of AZs, networks, VM and disk types are taken as they are. */
  cloud: CloudConfigSpec | undefined;
  /** Undefined when the section could not be read whole: then no name in it is called unknown. */
  releases: readonly ReleaseSpec[] | undefined;
  stemcells: readonly StemcellSpec[] | undefined;
  properties: JsonObject;
  update: UpdateSpec;
  features: FeaturesSpec;
  overrides: UpdateOverrides;
  removeDevTools: boolean;
}
