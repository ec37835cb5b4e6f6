import { addonJobSchema } from "./job-schema.ts";
import { choice, hash, items, list, object, text } from "./kinds.ts";

export const filterSchema = object(
  {
    deployments: items("Names of deployments (runtime configs only)").optional(),
    instance_groups: items("Names of groups").optional(),
    jobs: list(
      object({ name: text("Name of the job").optional(), release: text("Its release").optional() }, "A job; both keys are required"),
      "Groups that have one of these jobs",
    ).optional(),
    stemcell: list(object({ os: text("Operating system").optional() }, "A stemcell"), "Groups on one of these operating systems").optional(),
    networks: items("Groups on one of these networks").optional(),
    teams: items("Teams of the deployment (runtime configs only)").optional(),
    azs: items("Groups in one of these AZs").optional(),
    lifecycle: choice(["service", "errand"], "Groups of this lifecycle").optional(),
  },
  "Each key given must match; within a key any value may",
);

export const addonSchema = object(
  {
    name: text("Name of the addon"),
    jobs: list(addonJobSchema, "Jobs to add").optional(),
    include: filterSchema.optional(),
    exclude: filterSchema.optional(),
    properties: hash("Deprecated: properties of its jobs that have none").optional(),
  },
  "One addon",
);
