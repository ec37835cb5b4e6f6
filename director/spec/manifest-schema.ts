import type { z } from "zod";
import { addonSchema } from "./addon-schema.ts";
import { instanceGroupSchema } from "./instance-group-schema.ts";
import type { Json } from "./deployment.ts";
import { choice, flag, hash, list, object, shaped, shapedItems, text, untyped } from "./kinds.ts";
import { updateSchema } from "./update-schema.ts";

const stemcellRef = object({ os: text("Operating system, such as `ubuntu-jammy`"), version: text("Stemcell version") }, "A stemcell");

export const releaseSchema = object(
  {
    name: text("Name of the release"),
    version: text("Version; `latest` and `PREFIX.latest` take the greatest one that is known"),
    url: text("Where to get it: http(s), git, or a local path").optional(),
    sha1: text("Digest of the tarball: sha1, `sha256:…`, or several joined by `;`").optional(),
    stemcell: untyped<z.input<typeof stemcellRef>>("Stemcell a compiled tarball was made for").optional(),
    exported_from: list(stemcellRef, "Stemcells whose compiled packages must be used").optional(),
  },
  "One release",
);

export const stemcellSchema = object(
  {
    alias: text("Name by which groups refer to it"),
    os: text("Operating system, such as `ubuntu-jammy`; this or `name` is required").optional(),
    name: text("Full name of the stemcell; decides when `os` is given too").optional(),
    version: text("Version; `latest` and `PREFIX.latest` take the greatest one that the IaaS is given"),
  },
  "One stemcell",
);

/** Read by hand (the texts of their errors follow no common rule); written down here for types and docs. */
export const featuresSchema = object(
  {
    use_dns_addresses: flag("`spec.address` and link addresses are DNS names").optional(),
    use_short_dns_addresses: flag("DNS names are the short query names").optional(),
    use_link_dns_names: flag("Link addresses name the link's group; implies the two above").optional(),
    randomize_az_placement: flag("Ties between AZs are broken by chance, not by name").optional(),
    converge_variables: flag("Variables are generated anew when their options change").optional(),
    use_tmpfs_config: flag("Job files and agent settings are kept in memory only").optional(),
  },
  "Switches of the whole deployment",
);

export const variableSchema = object(
  {
    name: text("Name; with a leading `/` it is shared between deployments"),
    type: choice(["password", "certificate", "ssh", "rsa", "user", "json", "value"], "Kind of credential"),
    options: hash("Options of the generator, by type").optional(),
    consumes: hash("Links whose DNS name goes into a certificate: `alternative_name`, `common_name`").optional(),
    update_mode: choice(["no-overwrite", "converge", "overwrite"], "When a value is generated anew").optional(),
    update: untyped<{ strategy?: "on-deploy" | "on-stemcell-change" }>("`strategy`: take a new value on every deploy, or only with a new stemcell").optional(),
  },
  "One variable",
);

/** Every key of a deployment manifest. */
export const manifestSchema = object(
  {
    name: text("Name of the deployment"),
    manifest_version: untyped<Json>("Kept for readers; nothing reads it").optional(),
    director_uuid: untyped<Json>("Kept for readers; nothing reads it").optional(),
    releases: list(releaseSchema, "Releases the jobs come from; the old form with a single one is `release`").optional(),
    release: releaseSchema.optional(),
    stemcells: list(stemcellSchema, "Stemcells the groups use; at least one").optional(),
    update: updateSchema,
    instance_groups: list(instanceGroupSchema, "The groups, in the order they update").optional(),
    addons: list(addonSchema, "Jobs put on every group their filters choose").optional(),
    features: shaped(featuresSchema).optional(),
    variables: shapedItems(variableSchema, "Credentials to generate").optional(),
    tags: hash("Tags of every VM and disk; they win over those of the runtime config").optional(),
    properties: hash("Deprecated: properties of every job that has none of its own").optional(),
  },
  "A deployment manifest",
);

/** A deployment manifest as an author writes it, in YAML or in TypeScript. */
export type Manifest = z.input<typeof manifestSchema>;
