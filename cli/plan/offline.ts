import { readFile } from "node:fs/promises";
import path from "node:path";
import { mergeCloudConfigs, readCloudConfig } from "../../director/config/cloud-config.ts";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import type { StemcellVersions } from "../../director/manifest/stemcells.ts";
import { offlinePlanJson, planOffline, type OfflinePlan, type PlanBaseline } from "../../director/offline-plan/plan-offline.ts";
import { problemsOf, type PlanProblem } from "../../director/offline-plan/problem.ts";
import { standInCloudConfig } from "../../director/offline-plan/stand-in-cloud.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import type { Issue } from "../../director/spec/issues.ts";
import { describePlan } from "../../director/update/index.ts";
import { readJobCatalog } from "../../provider/manifest/job-catalog.ts";
import type { CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { withPositions } from "../../director/manifest/positions.ts";
import { readManifestSource, type ManifestSourceOptions } from "../commands/manifest-source.ts";

export interface OfflineOptions extends ManifestSourceOptions {
  releases?: string;
  previous?: string;
  partial?: boolean;
  stemcell?: string[];
}

/** Plans a manifest without a cloud, a VM or any state. */
export async function planManifest(file: string, options: OfflineOptions, context: CommandContext): Promise<number> {
  const { spec, result } = await planned(file, options, context);
  if (context.ui.json) context.ui.data(offlinePlanJson(result, spec));
  else printPlan(spec, result, context);
  for (const warning of result.warnings) context.ui.warn(warning);
  if (result.problems.length === 0) return exitCode.ok;
  if (options.partial) {
    for (const problem of result.problems) context.ui.warn(problemText(problem));
    return exitCode.ok;
  }
  throw incomplete(spec.name, result.problems);
}

async function planned(file: string, options: OfflineOptions, context: CommandContext): Promise<{ spec: DeploymentSpec; result: OfflinePlan }> {
  const source = await readManifestSource(file, options, context);
  const standIn = source.cloudConfigs.length === 0;
  if (standIn) context.ui.info("no --cloud-config: planned on networks, AZs and types made up from the manifest's names");
  const cloud = readCloudConfig(standIn ? standInCloudConfig(source.manifest) : mergeCloudConfigs(source.cloudConfigs), options);
  const reading = readManifest(source.manifest, cloud.partial, source.runtimeConfigs, { ...options, ...stemcellsAtHand(options.stemcell) });
  const spec = reading.partial;
  for (const warning of reading.warnings) context.ui.warn(warning);
  const problems: PlanProblem[] = [
    ...problemsOf("cloud-config", withPositions(cloud.issues, source.written.cloudConfig)),
    ...problemsOf("manifest", withPositions(reading.issues.filter(ofManifest), source.written.manifest)),
    ...problemsOf("runtime-config", reading.issues.filter((issue) => !ofManifest(issue))),
    ...source.undefinedVariables.map((name): PlanProblem => ({ kind: "variable", message: `Variable '${name}' has neither a value nor a definition`, hint: `give it with -v ${name}=…` })),
  ];
  const catalog = options.releases === undefined ? { lookup: () => undefined } : await readJobCatalog(path.resolve(context.cwd, options.releases), spec);
  const previous = options.previous === undefined ? undefined : await readBaseline(path.resolve(context.cwd, options.previous));
  return { spec, result: planOffline({ spec, cloud: cloud.partial, ...catalog, previous, problems }) };
}

/** What `--stemcell OS/VERSION` says is there; without any, `latest` is planned as written. */
function stemcellsAtHand(given: readonly string[] | undefined): { stemcellVersions?: StemcellVersions } {
  if (given === undefined) return {};
  const known = given.map((text) => {
    const [, os, version] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
    if (os === undefined || version === undefined) throw new RepaveError("cli.usage", `'${text}' is no stemcell`, { hint: "write --stemcell OS/VERSION, such as ubuntu-noble/1.425" });
    return { os, version };
  });
  return { stemcellVersions: (os) => known.filter((stemcell) => stemcell.os === os).map(({ version }) => version) };
}

function ofManifest(issue: Issue): boolean {
  return issue.document === "manifest";
}

async function readBaseline(file: string): Promise<PlanBaseline> {
  try {
    const { baseline } = JSON.parse(await readFile(file, "utf8")) as { baseline?: PlanBaseline };
    if (baseline) return baseline;
  } catch (cause) {
    throw new RepaveError("cli.file", `The earlier plan '${file}' can't be read: ${messageOf(cause)}`, { cause });
  }
  throw new RepaveError("cli.file", `The earlier plan '${file}' planned nothing`, { hint: "give the output of 'repave plan --json' without problems" });
}

function printPlan(spec: DeploymentSpec, { update, placement, links, variables }: OfflinePlan, { ui }: CommandContext): void {
  if (update !== undefined && placement !== undefined) {
    const rows = update.instances.map((instance) => {
      const placed = placement.groups[instance.group]?.find((item) => item.id === instance.id);
      const ips = Object.values(placed?.networks ?? {}).map((network) => network.ip ?? "from the IaaS");
      return [`${instance.group}/${instance.index}`, instance.az ?? "-", ips.join(", "), instance.wave === null ? "-" : String(instance.wave), instance.action, instance.reasons.map((reason) => reason.text).join("; ")];
    });
    ui.table(["Instance", "AZ", "IPs", "Wave", "Action", "Reason"], rows);
    for (const line of describePlan(update)) ui.info(line);
  }
  const resolved = links.filter((link) => link.provider !== null).length;
  const jobs = spec.instanceGroups.reduce((sum, group) => sum + group.jobs.length, 0);
  ui.info(`${jobs} jobs in ${spec.instanceGroups.length} groups, ${links.length} links (${resolved} resolved), ${variables.length} variables, ${spec.addons.length} addons`);
}

function problemText(problem: PlanProblem): string {
  const place = problem.pointer === undefined ? "" : ` (${problem.pointer})`;
  return `${problem.message}${place}${problem.hint === undefined ? "" : `; ${problem.hint}`}`;
}

/** One error that lists everything, so that nobody has to come back for the next one. */
function incomplete(deployment: string, problems: readonly PlanProblem[]): RepaveError {
  const lines = problems.map((problem) => `  - ${problemText(problem)}`).join("\n");
  return new RepaveError("plan.incomplete", `The plan of '${deployment}' has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${lines}`, {
    details: { problems },
    hint: "put it right, or see with --partial what can be planned without it",
  });
}
