import { dependencyProblem } from "./graph.ts";
import type { Release } from "./model.ts";

/**
 * What the Director would refuse at the upload of a release although the CLI makes it: dependency circles, jobs without monit, packages a job names that
 * the release does not have, malformed links. A folder may be read with such problems; nothing should be deployed with them.
 */
export function releaseProblems(release: Release): string[] {
  const packages = release.compiledPackages.length > 0 ? [...release.packages, ...release.compiledPackages] : release.packages;
  const names = new Set(packages.map((p) => p.name));
  const problem = dependencyProblem(packages);
  return [
    ...(problem === undefined ? [] : [problem]),
    ...release.jobs.flatMap((job) => [
      ...job.packages.filter((p) => !names.has(p)).map((p) => `Job '${job.name}' needs package '${p}', which is not in the release`),
      ...(job.monit === undefined ? [`Job '${job.name}' is missing monit file (80004)`] : []),
      ...job.spec.problems,
    ]),
  ];
}
