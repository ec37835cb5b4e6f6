import { stringify } from "yaml";
import { z } from "zod";
import { RepaveError } from "../core/errors.ts";
import { parseDigest } from "./digest.ts";
import { checked } from "./package-spec.ts";
import { SpecDocument } from "./yaml.ts";

const text = z.string().nullish().transform((v) => v ?? "");
const texts = z.array(text).nullish().transform((v) => v ?? []);
// A name becomes a path: of a member of the tarball here, of folders on a VM later.
const name = z.string().regex(/^[A-Za-z0-9_+][A-Za-z0-9_.+-]*$/, "is not a name of letters, digits, '.', '_', '+' and '-'");
const part = { name, version: text, fingerprint: text, sha1: text };
const manifestSchema = z.object({
  name,
  version: z.string().min(1),
  commit_hash: text,
  jobs: z.array(z.object({ ...part, packages: texts })).nullish(),
  packages: z.array(z.object({ ...part, dependencies: texts })).nullish(),
  compiled_packages: z.array(z.object({ ...part, stemcell: z.string().regex(/^[^/\s]+\/[^/\s]+$/, "is not OS/VERSION"), dependencies: texts })).nullish(),
  license: z.object({ version: text, fingerprint: text, sha1: text }).nullish(),
});

export interface ManifestPart {
  name: string;
  version: string;
  fingerprint: string;
  /** Digest string of the archive, in any form. */
  sha1: string;
}

/** `release.MF`: what a release tarball says it has. */
export interface ReleaseManifest {
  name: string;
  version: string;
  commitHash: string;
  uncommittedChanges: boolean;
  noCompression: boolean;
  jobs: (ManifestPart & { packages: string[] })[];
  packages: (ManifestPart & { dependencies: string[] })[];
  compiledPackages: (ManifestPart & { dependencies: string[]; stemcell: string })[];
  license: { version: string; fingerprint: string; sha1: string } | undefined;
}

/**
 * Reads `release.MF`. Very old releases have versions but no fingerprints; then the version stands for both.
 *
 * @throws RepaveError `release.manifest` for what is malformed, named twice, or has a digest that cannot be verified.
 */
export function parseReleaseManifest(source: string, noun: string): ReleaseManifest {
  const bad = (why: string, cause?: unknown) => new RepaveError("release.manifest", `${noun} has a bad release.MF: ${why}`, { details: { release: noun }, cause });
  let document: SpecDocument;
  let read: z.output<typeof manifestSchema>;
  try {
    document = new SpecDocument(source.replace(/(sha1|version|fingerprint): !binary \|-/g, "$1: !!binary |-"), "release.MF");
    read = checked(manifestSchema, document.texts());
  } catch (cause) {
    throw bad(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const part = <T extends ManifestPart>(p: T): T => ({ ...p, fingerprint: p.fingerprint || p.version, version: p.version || p.fingerprint });
  const manifest: ReleaseManifest = {
    name: read.name,
    version: read.version,
    commitHash: read.commit_hash,
    uncommittedChanges: document.value("uncommitted_changes") === true,
    noCompression: document.value("no_compression") === true,
    jobs: (read.jobs ?? []).map(part),
    packages: (read.packages ?? []).map(part),
    compiledPackages: (read.compiled_packages ?? []).map(part),
    license: read.license ? { ...read.license, fingerprint: read.license.fingerprint || read.license.version } : undefined,
  };
  for (const [kind, list] of Object.entries({ job: manifest.jobs, package: manifest.packages, "compiled package": manifest.compiledPackages })) {
    const seen = new Set<string>();
    for (const item of list) {
      if (seen.has(item.name)) throw bad(`${kind} '${item.name}' is there twice`);
      seen.add(item.name);
      if (!/^[A-Za-z0-9._+-]+$/.test(item.fingerprint)) throw bad(`${kind} '${item.name}' has no proper fingerprint`);
      try {
        parseDigest(item.sha1);
      } catch (cause) {
        throw bad(`${kind} '${item.name}' has no digest that can be verified`, cause);
      }
    }
  }
  return manifest;
}

/** The text of `release.MF`, keys in the order BOSH's CLI writes them. */
export function formatReleaseManifest(manifest: ReleaseManifest): string {
  const parts = <T extends ManifestPart>(list: readonly T[], rest: (item: T) => object): object[] | undefined =>
    list.length === 0 ? undefined : list.map((p) => ({ name: p.name, version: p.version, fingerprint: p.fingerprint, sha1: p.sha1, ...rest(p) }));
  const jobs = parts(manifest.jobs, (j) => ({ packages: j.packages }));
  const packages = parts(manifest.packages, (p) => ({ dependencies: p.dependencies }));
  const compiled = parts(manifest.compiledPackages, (p) => ({ stemcell: p.stemcell, dependencies: p.dependencies }));
  return stringify(
    {
      name: manifest.name,
      version: manifest.version,
      commit_hash: manifest.commitHash,
      uncommitted_changes: manifest.uncommittedChanges,
      ...(jobs ? { jobs } : {}),
      ...(packages ? { packages } : {}),
      ...(compiled ? { compiled_packages: compiled } : {}),
      ...(manifest.license ? { license: manifest.license } : {}),
      no_compression: manifest.noCompression,
    },
    { lineWidth: 0, version: "1.1", indentSeq: false },
  );
}
