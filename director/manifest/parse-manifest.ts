import type { z } from "zod";
import { canonicalOrUndefined } from "../config/cloud-config.ts";
import { canonicalize } from "../dns/canonical.ts";
import type { CloudConfigSpec } from "../spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec, ReleaseSpec, UpdateSpec } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import { deepFreeze, frozenCopy } from "../spec/freeze.ts";
import { inspect } from "../spec/inspect.ts";
import { attempt, Report, throwIssues, type Issue } from "../spec/issues.ts";
import { manifestSchema } from "../spec/manifest-schema.ts";
import { isHash, read, type Readable } from "../spec/read.ts";
import { applyAddon, readAddons, type GroupDraft } from "./addons.ts";
import type { ManifestContext } from "./context.ts";
import { checkExportedFrom } from "./exported-from.ts";
import { readFeatures } from "./features.ts";
import { readInstanceGroup } from "./group.ts";
import { refuseOldSections } from "./old-sections.ts";
import { readReleases } from "./releases.ts";
import { applyRuntimeConfigs, type RuntimeTarget } from "./runtime-config.ts";
import { readStemcells, type StemcellVersions } from "./stemcells.ts";
import { readUpdate, type UpdateOverrides } from "./update.ts";
import { readVariables } from "./variables.ts";

export interface ManifestOptions {
  /** Also report unknown keys, with the nearest known one. */
  strict?: boolean;
  /** Values of `--canaries` and `--max-in-flight`: they replace the deployment's and every group's. */
  overrides?: UpdateOverrides;
  /** What `latest` and `PREFIX.latest` of a stemcell are taken from; absent: they stay as written. */
  stemcellVersions?: StemcellVersions;
  /** Replaces the default `delete-create`. */
  defaultVmStrategy?: UpdateSpec["vmStrategy"];
  /** Writes `env.bosh.remove_dev_tools` where a group does not say otherwise. */
  removeDevTools?: boolean;
  /** Teams the deployment belongs to, for the filters of runtime configs. */
  teams?: readonly string[];
  /** How errors name the document; default "manifest". */
  document?: string;
}

export interface ManifestReading {
  /** Missing when there are issues. */
  spec?: DeploymentSpec;
  /** All that could be read, for further rules to speak up in the same run; not to be deployed. */
  partial: DeploymentSpec;
  issues: Issue[];
  warnings: string[];
}

/**
 * Turns a manifest (what YAML holds after ops and variables, or what typed components produce) into the frozen spec:
 * defaults, inheritance, addons and runtime configs applied.
 *
 * @param cloud without one, names of AZs, networks, VM and disk types are taken as they are
 * @throws RepaveError `manifest.invalid` with every issue in `details.issues`, each with the Director's number and the YAML path
 * @example
 * const spec = parseManifest(value, parseCloudConfig(cloudValue), [], { strict: true });
 */
export function parseManifest(value: unknown, cloud?: CloudConfigSpec, runtimeConfigs: readonly unknown[] = [], options: ManifestOptions = {}): DeploymentSpec {
  const { partial, issues } = readManifest(value, cloud, runtimeConfigs, options);
  throwIssues(`Deployment '${partial.name}'`, issues);
  return partial;
}

/** As `parseManifest`, but answers the issues, and what could be read beside them, instead of throwing. */
export function readManifest(given: unknown, cloud?: CloudConfigSpec, runtimeConfigs: readonly unknown[] = [], options: ManifestOptions = {}): ManifestReading {
  const value = frozenCopy(given);
  const report = new Report(options.document ?? "manifest", value, { strict: options.strict });
  if (!isHash(value)) {
    report.add([], "Manifest should be a hash", { directorCode: 440001 });
    return { partial: deepFreeze(emptySpec), issues: report.issues, warnings: [] };
  }
  refuseOldSections(value, report);
  const { issues, warnings, ...reading } = build(value, cloud, runtimeConfigs.map(frozenCopy), options, report);
  const all = [...report.issues, ...issues];
  return { ...reading, ...(all.length === 0 ? { spec: reading.partial } : {}), issues: all, warnings: [...report.warnings, ...warnings] };
}

type Input = Readable<z.output<typeof manifestSchema>>;

function build(value: Record<string, unknown>, cloud: CloudConfigSpec | undefined, runtimeConfigs: readonly unknown[], options: ManifestOptions, report: Report): ManifestReading {
  const input: Input = read(manifestSchema, value, [], report) ?? {};
  const { name } = input;
  if (name !== undefined) attempt(["name"], report, () => canonicalize(name));

  const stemcells = readStemcells(input.stemcells ?? [], options.stemcellVersions, ["stemcells"], report);
  const properties = input.properties ?? {};
  const releases = allReleases(value, input, report);
  const overrides = options.overrides ?? {};
  const inherited = options.defaultVmStrategy === undefined ? {} : { vmStrategy: options.defaultVmStrategy };
  const update = readUpdate(input.update ?? {}, inherited, overrides, ["update"], report);
  const variables = readVariables(input.variables as readonly unknown[] | undefined, ["variables"], report);
  const features = readFeatures(input.features as Record<string, unknown> | undefined, report);
  const whole = (key: string): boolean => value[key] !== undefined && !report.issues.some((issue) => issue.path[0] === key);
  const known = {
    releases: whole("releases") || whole("release") ? releases : undefined,
    stemcells: whole("stemcells") ? stemcells : undefined,
  };
  const context = { report, cloud, ...known, properties, update, features, overrides, removeDevTools: options.removeDevTools ?? false };
  const groups = readGroups(value, input, context);

  const scene: RuntimeTarget = { deployment: name ?? "", teams: options.teams ?? [], groups, stemcells, releases, variables, addons: [] };
  for (const addon of readAddons(input.addons ?? [], "deployment", releases, ["addons"], report)) scene.addons.push(applyAddon(addon, scene));
  const runtime = applyRuntimeConfigs(runtimeConfigs, scene, options);
  if (value["stemcells"] === undefined || input.stemcells?.length === 0) report.add(["stemcells"], "'stemcells' needs to be specified", { directorCode: 190019 });
  checkExportedFrom(groups, releases, stemcells, report);

  const partial: DeploymentSpec = deepFreeze({
    name: name ?? "",
    releases,
    stemcells,
    update,
    features,
    variables,
    tags: { ...runtime.tags, ...(input.tags ?? {}) },
    instanceGroups: groups as readonly InstanceGroupSpec[],
    addons: scene.addons,
  });
  return { partial, issues: runtime.issues, warnings: runtime.warnings };
}

function allReleases(value: Record<string, unknown>, input: Input, report: Report): ReleaseSpec[] {
  const single = value["release"] !== undefined;
  if (single && value["releases"] !== undefined) {
    const message = "Deployment manifest contains both 'release' and 'releases' sections, please use one of the two.";
    report.add(["release"], message, { directorCode: 190001 });
  }
  if (!single && value["releases"] === undefined) {
    report.add([], `Required property 'releases' was not specified in object (${inspect(value)})`, { directorCode: 40001 });
  }
  return input.releases === undefined ? readReleases([input.release], ["release"], report) : readReleases(input.releases, ["releases"], report);
}

function readGroups(value: Record<string, unknown>, input: Input, context: ManifestContext): GroupDraft[] {
  const raw = Array.isArray(value["instance_groups"]) ? (value["instance_groups"] as unknown[]) : [];
  const at = (i: number): (string | number)[] => ["instance_groups", i];
  const groups = (input.instance_groups ?? []).flatMap((group, i): GroupDraft[] => {
    const spec = group === undefined ? undefined : readInstanceGroup(raw[i], group, at(i), context);
    return spec === undefined ? [] : [{ ...spec, jobs: [...spec.jobs] }];
  });
  for (const i of repeated(groups, (group) => canonicalOrUndefined(group.name))) {
    context.report.add(at(i), `Invalid instance group name '${groups[i]!.name}', canonical name already taken`, { directorCode: 190006 });
  }
  checkMigrations(groups, context.report);
  return groups;
}

function checkMigrations(groups: readonly GroupDraft[], report: Report): void {
  for (const [i, group] of groups.entries()) {
    for (const [j, { name }] of group.migratedFrom.entries()) {
      const path = ["instance_groups", i, "migrated_from", j];
      const start = `Failed to migrate instance group '${name}' to '${group.name}'.`;
      if (name !== group.name && groups.some((other) => other.name === name)) {
        const rule = "A deployment can not migrate an instance group and also specify it.";
        report.add(path, `${start} ${rule} Please remove instance group '${name}'.`, { directorCode: 190018 });
      }
      if (groups.some((other) => other !== group && other.migratedFrom.some((entry) => entry.name === name))) {
        report.add(path, `${start} An instance group may be migrated to only one instance group.`, { directorCode: 190018 });
      }
    }
  }
}

const emptySpec: DeploymentSpec = {
  name: "",
  releases: [],
  stemcells: [],
  update: readUpdate({}, {}, {}, [], new Report("", {})),
  features: readFeatures({}, new Report("", {})),
  variables: [],
  tags: {},
  instanceGroups: [],
  addons: [],
};
