import { flag, items, list, object } from "../spec/kinds.ts";
import { Report, throwIssues } from "../spec/issues.ts";
import { read } from "../spec/read.ts";

const filter = object(
  {
    deployments: items("Names of deployments").optional(),
    instance_groups: items("Names of groups").optional(),
  },
  "Each key given must match; an empty `include` matches all, an empty `exclude` nothing",
);

/** Every key of a resurrection config. */
export const resurrectionConfigSchema = object(
  {
    rules: list(
      object({ enabled: flag("Whether lost VMs are made anew"), include: filter.optional(), exclude: filter.optional() }, "One rule"),
      "All rules that apply must agree",
    ),
  },
  "A resurrection config",
);

/** Every key of a deploy config. */
export const deployConfigSchema = object(
  {
    flags: items<DeployFlag>("Flags every update has").optional(),
    include: items("Deployments it is for; not together with `exclude`").optional(),
    exclude: items("Deployments it is not for").optional(),
  },
  "A deploy config",
);

export type DeployFlag = "fix-releases" | "fix" | "recreate" | "recreate-persistent-disks" | "skip-upload-releases";

const deployFlags: readonly string[] = ["fix-releases", "fix", "recreate", "recreate-persistent-disks", "skip-upload-releases"];

/**
 * Whether lost VMs of a group are to be made anew: yes, unless a rule that applies says no.
 *
 * @throws RepaveError `manifest.invalid`
 */
export function resurrectionEnabled(configs: readonly unknown[], deployment: string, group: string): boolean {
  return configs.every((value) => {
    const report = new Report("resurrection config", value);
    const input = read(resurrectionConfigSchema, value, [], report);
    throwIssues("The resurrection config", report.issues);
    return (input?.rules ?? []).every((rule) => {
      const applies = matches(rule?.include, true, deployment, group) && !matches(rule?.exclude, false, deployment, group);
      return !applies || rule?.enabled !== false;
    });
  });
}

function matches(given: { deployments?: readonly string[]; instance_groups?: readonly string[] } | undefined, whenEmpty: boolean, deployment: string, group: string): boolean {
  const { deployments = [], instance_groups: groups = [] } = given ?? {};
  if (deployments.length + groups.length === 0) return whenEmpty;
  return (deployments.length === 0 || deployments.includes(deployment)) && (groups.length === 0 || groups.includes(group));
}

/**
 * The flags deploy configs give every update of a deployment.
 *
 * @throws RepaveError `manifest.invalid` for unknown flags, and for `include` together with `exclude`
 */
export function deployFlagsFor(configs: readonly unknown[], deployment: string): Set<DeployFlag> {
  const flags = new Set<DeployFlag>();
  for (const value of configs) {
    const report = new Report("deploy config", value);
    const input = read(deployConfigSchema, value, [], report) ?? {};
    if (input.include !== undefined && input.exclude !== undefined) report.add([], "The deploy config has both 'include' and 'exclude'", { hint: "choose one" });
    for (const [i, name] of (input.flags ?? []).entries()) {
      if (!deployFlags.includes(name)) report.add(["flags", i], `Unknown flag '${String(name)}'`, { hint: `known flags are: ${deployFlags.join(", ")}` });
    }
    throwIssues("The deploy config", report.issues);
    const applies = input.include === undefined ? !(input.exclude ?? []).includes(deployment) : input.include.includes(deployment);
    if (applies) for (const name of input.flags ?? []) flags.add(name);
  }
  return flags;
}
