import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { RepaveError } from "../director/core/errors.ts";
import { releaseProblems } from "../director/release/check.ts";
import { fitsVersion } from "../director/release/version.ts";
import type { Release, ReleasePackage } from "../director/release/model.ts";
import type { JobInput } from "../director/templates/renderer.ts";
import { readTemplateSpec } from "../director/templates/job-spec.ts";
import type { LocalBlobstore } from "./blobstore/index.ts";
import { download, readReleaseFolder, readReleaseTarball } from "./release/index.ts";
import type { ReleaseFacts, ReleaseRequest } from "./resources/release-query.ts";
import type { JobToRender } from "./resources/render-query.ts";

/** The releases of this run, each read once. */
export class ReleaseShelf {
  readonly #store: LocalBlobstore;
  readonly #releases = new Map<string, Promise<Release>>();

  constructor(store: LocalBlobstore) {
    this.#store = store;
  }

  async facts(request: ReleaseRequest): Promise<ReleaseFacts> {
    const location = await this.#fetch(request);
    const release = await this.at(location);
    if (release.name !== request.name) {
      throw new RepaveError("release.name", `The release at ${request.url} is '${release.name}', not '${request.name}'`, { hint: "name it in the manifest as it names itself" });
    }
    // A folder has the version that its next release gets, whatever the manifest calls it.
    if (request.version !== "create" && (await stat(location)).isFile() && !fitsVersion(release.version, request.version)) {
      throw new RepaveError("release.version", `The release at ${request.url} is '${release.name}/${release.version}', not '${request.name}/${request.version}'`, { hint: "give its version, or 'latest'" });
    }
    // A tarball with such problems is not even read; a folder is, so that one can look at it.
    const problems = releaseProblems(release);
    if (problems.length > 0) throw new RepaveError("release.refused", `Release '${release.name}/${release.version}' at ${request.url} cannot be deployed: ${problems.join("; ")}`, { details: { problems } });
    return {
      name: release.name,
      version: release.version,
      location,
      jobs: release.jobs.map(({ name, fingerprint, packages, spec }) => ({
        name,
        fingerprint,
        packages: [...packages],
        templates: spec.templates,
        properties: spec.properties.map((p) => ({ name: p.name, hasDefault: p.hasDefault, default: p.default })),
        provides: spec.provides,
        consumes: spec.consumes,
        logs: spec.logs,
      })),
      packages: [
        ...release.packages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, dependencies: [...p.dependencies] })),
        ...release.compiledPackages.map((p) => ({ name: p.name, fingerprint: p.fingerprint, dependencies: [...p.dependencies], stemcell: p.stemcell })),
      ],
    };
  }

  at(location: string): Promise<Release> {
    let release = this.#releases.get(location);
    if (!release) {
      release = stat(location).then((s) => (s.isDirectory() ? readReleaseFolder(location) : readReleaseTarball(location)));
      this.#releases.set(location, release);
    }
    return release;
  }

  async packageAt(location: string, name: string): Promise<{ release: Release; package: ReleasePackage }> {
    const release = await this.at(location);
    const found = [...release.packages, ...release.compiledPackages].find((p) => p.name === name);
    if (!found) throw new RepaveError("release.no-package", `Release '${release.name}' has no package '${name}'`);
    return { release, package: found };
  }

  /** A job as the renderer takes it: the release's templates with the manifest's properties and links. */
  async jobInput(wanted: JobToRender): Promise<JobInput> {
    const release = await this.at(wanted.release.location);
    const job = release.jobs.find((j) => j.name === wanted.name);
    if (!job) throw new RepaveError("release.no-job", `Release '${release.name}' has no job '${wanted.name}'`, { hint: `it has ${release.jobs.map((j) => j.name).join(", ")}` });
    return {
      name: job.name,
      release: { name: wanted.release.name, version: wanted.release.version },
      monit: job.monit ?? "",
      templates: job.templates.map((t) => ({ src: t.source, dest: t.destination, content: t.content })),
      // Read again by the Director's own YAML rules: what a template sees of 1.0 or 0755 is in the bytes.
      properties: readTemplateSpec(job.specText).properties,
      manifestProperties: wanted.manifestProperties,
      links: wanted.links,
      provides: wanted.provides,
      ...(job.propertiesSchema ? { propertiesSchema: JSON.stringify(job.propertiesSchema) } : {}),
    };
  }

  async #fetch({ name, version, url, digest }: ReleaseRequest): Promise<string> {
    const options = { digest, store: this.#store, noun: `Release '${name}/${version}'` };
    if (/^https?:/.test(url)) return (await download(url, options)).path;
    const local = url.startsWith("file:") ? localPath(url) : url;
    // A digest is a promise about a tarball wherever it lies; a folder has none.
    if (digest !== undefined && (await stat(local)).isFile()) return (await download(local, options)).path;
    return local;
  }
}

function localPath(url: string): string {
  return url.startsWith("file:///") ? fileURLToPath(url) : url.replace(/^file:(\/\/)?/, "");
}
