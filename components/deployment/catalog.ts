import { RepaveError } from "../../director/core/errors.ts";
import { linkedVariableOptions } from "../../director/links/index.ts";
import type { JobLookup, ResolvedLinks } from "../../director/links/index.ts";
import { packageCollisions, type PackageIdentity } from "../../director/manifest/package-collisions.ts";
import type { DeploymentSpec, JsonObject, VariableSpec } from "../../director/spec/deployment.ts";
import type { JobFacts, ReleaseFacts } from "../../provider/resources/release-query.ts";

/** The deployment's releases: which job is where. Refuses jobs that no release has, all at once. */
export class Catalog {
  readonly #releases: ReadonlyMap<string, ReleaseFacts>;
  readonly lookup: JobLookup;

  constructor(spec: DeploymentSpec, facts: readonly ReleaseFacts[]) {
    this.#releases = new Map(facts.map((release) => [release.name, release]));
    this.lookup = (release, job) => this.#releases.get(release)?.jobs.find((j) => j.name === job);
    const absent = spec.instanceGroups.flatMap((group) =>
      group.jobs.filter((job) => !this.lookup(job.release, job.name)).map((job) => `job '${job.name}' of instance group '${group.name}' is not in release '${job.release}'${this.#known(job.release)}`),
    );
    if (absent.length > 0) throw new RepaveError("release.no-job", `Deployment '${spec.name}': ${absent.join("; ")}`, { details: { directorCode: 140029, absent } });
    const collisions = packageCollisions(spec, (release, job) => this.#packagesOf(release, job));
    if (collisions.length > 0) throw new RepaveError("release.package-collision", `Deployment '${spec.name}': ${collisions.join("; ")}`, { details: { directorCode: 80011 } });
  }

  #packagesOf(release: string, job: string): PackageIdentity[] {
    const { packages } = this.release(release);
    const wanted = new Set(this.job(release, job).packages);
    const known = new Map(packages.filter((p) => wanted.has(p.name)).map((p) => [p.name, p]));
    return [...known.values()].map(({ name, fingerprint, dependencies }) => ({ name, fingerprint, dependencies: [...dependencies].sort().join(",") }));
  }

  #known(release: string): string {
    const jobs = this.#releases.get(release)?.jobs.map((j) => j.name) ?? [];
    return jobs.length > 0 ? ` (it has ${jobs.join(", ")})` : "";
  }

  release(name: string): ReleaseFacts {
    return this.#releases.get(name)!;
  }

  job(release: string, name: string): JobFacts {
    return this.release(release).jobs.find((j) => j.name === name)!;
  }

  variableOptions(definition: VariableSpec, links: ResolvedLinks): JsonObject {
    return linkedVariableOptions(definition, links.variables[definition.name]);
  }
}
