import type { DeploymentSpec } from "../spec/deployment.ts";

export interface PackageIdentity {
  readonly name: string;
  readonly fingerprint: string;
  /** Its dependencies as one text, equal for equal sets. */
  readonly dependencies: string;
}

/** The packages a job needs at run time. */
export type PackagesOfJob = (release: string, job: string) => readonly PackageIdentity[];

/**
 * The Director's sentence (80011) for each package name that one group would get twice with different content: the
 * packages of all jobs share `/var/vcap/packages`, so only one of the two can be there.
 */
export function packageCollisions(spec: Pick<DeploymentSpec, "instanceGroups">, packagesOf: PackagesOfJob): string[] {
  return spec.instanceGroups.flatMap((group) => {
    const uses = group.jobs.flatMap((job) => packagesOf(job.release, job.name).map((item) => ({ ...item, job: job.name, release: job.release })));
    return [...new Set(uses.map((use) => use.name))].flatMap((name) => {
      const first = uses.find((use) => use.name === name)!;
      const other = uses.find((use) => use.name === name && (use.fingerprint !== first.fingerprint || use.dependencies !== first.dependencies));
      if (other === undefined) return [];
      const side = (use: typeof first): string => `job '${use.release}/${use.job}' depends on package '${use.release}/${name}' with fingerprint '${use.fingerprint}'`;
      const rule = "BOSH cannot currently collocate two packages with identical names and different fingerprints or dependencies.";
      return [`Package name collision detected in instance group '${group.name}': ${side(first)}, ${side(other)}. ${rule}`];
    });
  });
}
