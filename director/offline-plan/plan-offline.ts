import { messageOf, RepaveError } from "../core/errors.ts";
import { bindLinks, linkContents, linkedVariableOptions, type JobLookup, type LinkBindings, type ResolvedLinks } from "../links/index.ts";
import { placeDeployment, seededIds, type Placement, type PlacementResult } from "../placement/index.ts";
import type { CloudConfigSpec } from "../spec/cloud-config.ts";
import type { DeploymentSpec } from "../spec/deployment.ts";
import { own } from "../spec/own.ts";
import { deepFreeze } from "../spec/freeze.ts";
import { planJson, planUpdate, type DesiredGroup, type PlanJson, type PreviousInstance, type UpdatePlan } from "../update/index.ts";
import { wrongParent } from "../templates/wrong-parent.ts";
import { desiredGroups, groupRequests } from "./desired.ts";
import type { PlanProblem } from "./problem.ts";

export interface OfflinePlanInput {
  spec: DeploymentSpec;
  cloud: CloudConfigSpec;
  /** Job specs by release and job; undefined for what is not at hand. */
  lookup: JobLookup;
  /** The releases whose jobs are at hand; absent when nobody said where releases are, so that links stay out. */
  releases?: ReadonlySet<string>;
  /** The `baseline` of an earlier plan: what is there now. */
  previous?: PlanBaseline;
  /** What was found wrong before; with any, nothing is placed. */
  problems?: readonly PlanProblem[];
}

/** All a later plan must know to say what changes. Holds digests where there may be secrets. */
export interface PlanBaseline {
  readonly placement: Placement;
  readonly instances: readonly PreviousInstance[];
}

export interface PlannedLink {
  readonly group: string;
  readonly job: string;
  readonly link: string;
  readonly type: string;
  readonly optional: boolean;
  readonly how: string;
  /** Null for manual links, and for those that found nothing. */
  readonly provider: { readonly deployment: string; readonly group: string; readonly job: string; readonly link: string } | null;
}

export interface OfflinePlan {
  /** Absent when problems kept anything from being placed. */
  readonly update?: UpdatePlan;
  readonly placement?: Placement;
  readonly links: readonly PlannedLink[];
  readonly resolved?: ResolvedLinks;
  readonly variables: readonly { readonly name: string; readonly type: string; readonly options: object; readonly updateMode?: string }[];
  readonly problems: readonly PlanProblem[];
  readonly warnings: readonly string[];
  readonly baseline?: PlanBaseline;
}

/**
 * Plans a deployment without any cloud, agent or state: placement, links, variables, addons, waves and reasons.
 * Whatever is missing is listed in `problems`, and everything that can be planned without it still is.
 */
export function planOffline(input: OfflinePlanInput): OfflinePlan {
  const { spec, lookup } = input;
  const bound = bindLinks(spec, lookup);
  const before = input.problems ?? [];
  const problems = [...before, ...missingJobs(input), ...linkProblems(bound), ...propertyProblems(input)];
  const unplaceable = before.some((problem) => problem.kind === "manifest" || problem.kind === "cloud-config" || problem.kind === "runtime-config");
  const placed = unplaceable ? undefined : attempt(() => place(input), problems);
  const resolved = placed && attempt(() => linkContents(spec, bound, placed.placement, { azs: input.cloud.azs.map((az) => az.name), networks: input.cloud.networks.map((network) => network.name) }), problems);
  const groups = placed && desiredGroups({ spec, cloud: input.cloud, placement: placed.placement, links: resolved, lookup });
  const update =
    groups &&
    planUpdate(groups, input.previous?.instances ?? [], {
      deployment: spec.name,
      initialDeploy: input.previous === undefined,
      placementReasons: placed.reasons,
    });
  return deepFreeze({
    ...(update === undefined ? {} : { update }),
    ...(placed === undefined ? {} : { placement: placed.placement }),
    links: plannedLinks(bound),
    ...(resolved === undefined ? {} : { resolved }),
    variables: spec.variables.map((variable) => ({
      name: variable.name,
      type: variable.type,
      options: linkedVariableOptions(variable, own(resolved?.variables, variable.name)),
      ...(variable.updateMode === undefined ? {} : { updateMode: variable.updateMode }),
    })),
    problems,
    warnings: bound.warnings,
    ...(groups === undefined || placed === undefined ? {} : { baseline: { placement: placed.placement, instances: groups.flatMap(asUpdated) } }),
  });
}

/** A group as it will be once the plan has been carried out. */
function asUpdated(group: DesiredGroup): PreviousInstance[] {
  return group.instances.map((item) => ({ ...item, completed: true, hasVm: group.lifecycle !== "errand" }));
}

function place({ spec, cloud, previous }: OfflinePlanInput): PlacementResult {
  return placeDeployment({
    deployment: spec.name,
    groups: groupRequests(spec),
    networks: cloud.networks,
    azs: cloud.azs.length > 0 ? cloud.azs : undefined,
    ...(previous === undefined ? {} : { previous: previous.placement }),
    ids: seededIds(`plan/${spec.name}`),
    features: { randomizeAzPlacement: spec.features.randomizeAzPlacement },
  });
}

function attempt<T>(step: () => T, problems: PlanProblem[]): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof RepaveError)) throw error;
    const directorCode = (error.details["director"] ?? error.details["directorCode"]) as number | undefined;
    problems.push({ kind: "placement", message: messageOf(error), ...(directorCode ? { directorCode } : {}), ...(error.hint === undefined ? {} : { hint: error.hint }) });
    return undefined;
  }
}

function missingJobs({ spec, lookup, releases }: OfflinePlanInput): PlanProblem[] {
  if (releases === undefined) return [{ kind: "release", message: "No folder of releases was given, so no links are planned", hint: "give it with --releases" }];
  const used = new Map<string, Set<string>>();
  for (const job of spec.instanceGroups.flatMap((group) => group.jobs)) {
    if (lookup(job.release, job.name) !== undefined) continue;
    used.set(job.release, (used.get(job.release) ?? new Set()).add(job.name));
  }
  return [...used].flatMap(([release, jobs]): PlanProblem[] => {
    if (!releases.has(release)) {
      const names = [...jobs].map((name) => `'${name}'`).join(", ");
      return [{ kind: "release", message: `Release '${release}' is not at hand; its jobs ${names} are planned without links` }];
    }
    return [...jobs].map((name) => ({ kind: "job", message: `Job '${name}' not found in release '${release}'`, directorCode: 140029 }));
  });
}

/** Properties that templates could not be given: something else where the job's spec has a map. */
function propertyProblems({ spec, lookup }: OfflinePlanInput): PlanProblem[] {
  return spec.instanceGroups.flatMap((group) =>
    group.jobs.flatMap((job) =>
      (lookup(job.release, job.name)?.properties ?? []).flatMap(({ name }): PlanProblem[] => {
        const problem = wrongParent(name, job.properties);
        return problem === undefined ? [] : [{ kind: "property", message: `${problem} (job '${job.name}' of instance group '${group.name}')` }];
      }),
    ),
  );
}

function linkProblems(bound: LinkBindings): PlanProblem[] {
  return [...bound.invalid, ...bound.unresolved].map((message) => ({ kind: "link", message, directorCode: 190016 }));
}

function plannedLinks(bound: LinkBindings): PlannedLink[] {
  return bound.bindings.map(({ consumer, provider }) => ({
    group: consumer.instanceGroup,
    job: consumer.job,
    link: consumer.originalName,
    type: consumer.type,
    optional: consumer.optional,
    how: consumer.how,
    provider: provider === undefined ? null : { deployment: provider.deployment, group: provider.instanceGroup, job: provider.job, link: provider.name },
  }));
}

/** An offline plan as `repave plan --json` prints it: the update plan's keys, and beside them what went into it. */
export function offlinePlanJson(plan: OfflinePlan, spec: DeploymentSpec): Partial<PlanJson> & Record<string, unknown> {
  const jobs = spec.instanceGroups.flatMap((group) => group.jobs);
  return {
    ...(plan.update === undefined ? { version: 1 as const, deployment: spec.name } : planJson(plan.update)),
    totals: {
      instanceGroups: spec.instanceGroups.length,
      instances: spec.instanceGroups.reduce((sum, group) => sum + group.instances, 0),
      jobs: jobs.length,
      releases: spec.releases.length,
      addons: spec.addons.length,
      links: plan.links.length,
      resolvedLinks: plan.links.filter((link) => link.provider !== null).length,
      variables: plan.variables.length,
      waves: plan.update?.waves.length ?? 0,
      problems: plan.problems.length,
    },
    instanceGroups: spec.instanceGroups.map((group) => ({
      name: group.name,
      lifecycle: group.lifecycle,
      instances: group.instances,
      azs: group.azs ?? null,
      jobs: group.jobs.map((job) => ({ name: job.name, release: job.release, ...(job.addon === undefined ? {} : { addon: job.addon }) })),
    })),
    placement: plan.placement ?? null,
    links: plan.links,
    addons: spec.addons.map((addon) => ({ name: addon.name, level: addon.level, jobs: addon.jobs.map((job) => job.name), appliedTo: addon.appliedTo })),
    variables: plan.variables.map(({ name, type, updateMode }) => ({ name, type, ...(updateMode === undefined ? {} : { updateMode }) })),
    releases: spec.releases.map(({ name, version }) => ({ name, version })),
    stemcells: spec.stemcells,
    problems: plan.problems,
    warnings: plan.warnings,
    baseline: plan.baseline ?? null,
  };
}
