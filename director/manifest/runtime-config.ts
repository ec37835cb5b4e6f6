import type { AddonSpec, JsonObject, ReleaseSpec, VariableSpec } from "../spec/deployment.ts";
import { runtimeConfigSchema } from "../spec/config-schema.ts";
import { Report, type Issue } from "../spec/issues.ts";
import { read } from "../spec/read.ts";
import { applyAddon, chosenGroups, readAddons, type AddonScene } from "./addons.ts";
import { readReleases } from "./releases.ts";
import { readVariables } from "./variables.ts";

/** What the deployment has so far; runtime configs add to it in turn. */
export interface RuntimeTarget extends AddonScene {
  releases: ReleaseSpec[];
  variables: VariableSpec[];
  addons: AddonSpec[];
}

/** Applies runtime configs one after the other and answers their tags. */
export function applyRuntimeConfigs(configs: readonly unknown[], target: RuntimeTarget, options: { strict?: boolean }): { tags: JsonObject; issues: Issue[]; warnings: string[] } {
  const issues: Issue[] = [];
  const warnings: string[] = [];
  let tags: JsonObject | undefined;
  for (const [index, config] of configs.entries()) {
    const document = configs.length === 1 ? "runtime config" : `runtime config ${index + 1}`;
    const report = new Report(document, config, { strict: options.strict });
    const own = applyOne(config, target, report);
    if (own !== undefined && tags !== undefined) {
      report.add(["tags"], "Runtime config 'tags' key cannot be defined in multiple runtime configs.", { directorCode: 530006 });
    }
    tags = own ?? tags;
    issues.push(...report.issues);
    warnings.push(...report.warnings);
  }
  return { tags: tags ?? {}, issues, warnings };
}

function applyOne(config: unknown, target: RuntimeTarget, report: Report): JsonObject | undefined {
  const input = read(runtimeConfigSchema, config ?? {}, [], report);
  if (input === undefined) return undefined;
  const releases = readReleases(input.releases ?? [], ["releases"], report);
  for (const [i, { name, version }] of releases.entries()) {
    if (!/(^|[._])latest$/.test(version)) continue;
    const message = `Runtime manifest contains the release '${name}' with version as '${version}'. Please specify the actual version string.`;
    report.add(["releases", i, "version"], message, { directorCode: 530001 });
  }
  const addons = readAddons(input.addons ?? [], "runtime", releases, ["addons"], report);
  joinReleases(releases, new Set(addons.filter((addon) => chosenGroups(addon, target).length > 0).flatMap((addon) => addon.jobs.map((job) => job.release))), target, report);
  for (const addon of addons) target.addons.push(applyAddon(addon, target));
  for (const [i, variable] of readVariables(input.variables, ["variables"], report).entries()) {
    if (target.variables.some((other) => other.name === variable.name)) {
      report.add(["variables", i], `Duplicate variable name '${variable.name}'`, { directorCode: 190022 });
    } else {
      target.variables.push(variable);
    }
  }
  return input.tags;
}

/** A release joins only with an addon that applies; a version the deployment names itself must be the same. */
function joinReleases(releases: readonly ReleaseSpec[], wanted: ReadonlySet<string>, target: RuntimeTarget, report: Report): void {
  for (const [i, release] of releases.entries()) {
    if (!wanted.has(release.name)) continue;
    const present = target.releases.find((other) => other.name === release.name);
    if (present === undefined) target.releases.push(release);
    else if (present.version !== release.version) {
      const message =
        `Runtime manifest specifies release '${release.name}' with version as '${release.version}'. ` +
        `This conflicts with version '${present.version}' specified in the deployment manifest.`;
      report.add(["releases", i, "version"], message, { directorCode: 530003 });
    }
  }
}
