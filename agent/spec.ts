import type { ApplySpec, BlobRef, JobSpec, PackageRef } from "../director/protocol/index.ts";
import { asInteger, asList, asObject, asString, asStringMap, DecodeError, field, type JsonObject } from "./decode.ts";
import { readJson, writeAtomic } from "./files.ts";

/** The spec as the agent saves and repeats it: every known key present, every unknown one gone. */
export type SavedSpec = Required<ApplySpec>;

export function decodeSpec(value: unknown): SavedSpec {
  const spec = asObject(value, "spec");
  const logging = asObject(asObject(field(spec, "properties"), "spec.properties").logging, "spec.properties.logging");
  const index = field(spec, "index");
  const archive = field(spec, "rendered_templates_archive");
  const packages = field(spec, "packages");
  return {
    properties: { logging: { max_log_file_size: asString(logging.max_log_file_size, "spec.properties.logging.max_log_file_size") } },
    job: decodeJob(asObject(field(spec, "job"), "spec.job")),
    packages: mapValues(asObject(packages, "spec.packages"), (v, key) => decodePackage(asObject(v, `spec.packages.${key}`), `spec.packages.${key}`)),
    configuration_hash: asString(field(spec, "configuration_hash"), "spec.configuration_hash"),
    networks: mapValues(asObject(field(spec, "networks"), "spec.networks"), (v, key) => asObject(v, `spec.networks.${key}`)),
    resource_pool: field(spec, "resource_pool") ?? {},
    deployment: asString(field(spec, "deployment"), "spec.deployment"),
    name: asString(field(spec, "name"), "spec.name"),
    index: index === null || index === undefined ? null : asInteger(index, "spec.index"),
    id: asString(field(spec, "id"), "spec.id"),
    az: asString(field(spec, "az"), "spec.az"),
    persistent_disk: asInteger(field(spec, "persistent_disk"), "spec.persistent_disk"),
    rendered_templates_archive: archive === null || archive === undefined ? null : decodeArchive(asObject(archive, "spec.rendered_templates_archive")),
  };
}

function decodeJob(job: JsonObject): JobSpec {
  const templates = field(job, "templates");
  const name = field(job, "name");
  return {
    name: name === null || name === undefined ? null : asString(name, "spec.job.name"),
    release: asString(field(job, "release"), "spec.job.release"),
    template: asString(field(job, "template"), "spec.job.template"),
    version: asString(field(job, "version"), "spec.job.version"),
    templates:
      templates === null || templates === undefined
        ? null
        : asList(templates, "spec.job.templates").map((t, i) => {
            const template = asObject(t, `spec.job.templates[${i}]`);
            return { name: asString(template.name, "spec.job.templates.name"), version: asString(template.version, "spec.job.templates.version") };
          }),
  };
}

export function decodePackage(pkg: JsonObject, where: string): Required<PackageRef> {
  const sha1 = asString(field(pkg, "sha1"), `${where}.sha1`);
  if (sha1 === "") throw new DecodeError("Unmarshalling action argument: No digest algorithm found. Supported algorithms: sha1, sha256, sha512");
  const headers = field(pkg, "blobstore_headers");
  return {
    name: asString(field(pkg, "name"), `${where}.name`),
    version: asString(field(pkg, "version"), `${where}.version`),
    sha1,
    blobstore_id: asString(field(pkg, "blobstore_id"), `${where}.blobstore_id`),
    signed_url: asString(field(pkg, "signed_url"), `${where}.signed_url`),
    blobstore_headers: headers === null || headers === undefined ? null : asStringMap(headers, `${where}.blobstore_headers`),
  };
}

function decodeArchive(archive: JsonObject): BlobRef {
  return {
    sha1: asString(archive.sha1, "spec.rendered_templates_archive.sha1"),
    blobstore_id: asString(archive.blobstore_id, "spec.rendered_templates_archive.blobstore_id"),
  };
}

function mapValues<T>(object: JsonObject, convert: (value: unknown, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, convert(value, key)]));
}

export class SpecStore {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The saved spec; zero values if nothing was ever applied. */
  read(): SavedSpec {
    return decodeSpec(readJson(this.#file));
  }

  save(spec: SavedSpec): void {
    writeAtomic(this.#file, JSON.stringify(spec), 0o600);
  }
}

/** The jobs that count: without an archive there are none. */
export function jobsOf(spec: SavedSpec): { name: string; version: string }[] {
  return spec.rendered_templates_archive === null ? [] : (spec.job.templates ?? []);
}

export function packagesOf(spec: SavedSpec): PackageRef[] {
  return Object.values(spec.packages);
}
