import type { Readable } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import { compareBytes } from "../../director/release/fingerprint.ts";
import { PackageGraph } from "../../director/release/graph.ts";
import type { Release, ReleasePackage } from "../../director/release/model.ts";
import type { CompiledPackageCache, CompiledPackageKey, LocalBlobstore, StoredBlob, StoredCompiledPackage } from "../blobstore/index.ts";
import { packageSourceArchive } from "./source-archive.ts";

/** A stemcell's operating system and exact version. */
export interface StemcellVersion {
  os: string;
  version: string;
}

/** One package to compile, with all an agent's `compile_package` needs. */
export interface CompileRequest {
  name: string;
  /** The package's fingerprint. */
  version: string;
  source: StoredBlob;
  /** The package's direct dependencies, compiled. */
  dependencies: readonly { name: string; version: string; compiled: StoredCompiledPackage }[];
  stemcell: StemcellVersion;
}

/** Whoever can compile: a VM with an agent and no jobs (an agent removes all packages before and after). */
export interface PackageCompiler {
  /** Answers the compiled archive and the digest string the agent gave for it. */
  compile(request: CompileRequest, signal?: AbortSignal): Promise<{ content: Readable | Uint8Array; digest: string }>;
}

export interface CompileOptions {
  stemcell: StemcellVersion;
  cache: CompiledPackageCache;
  /** Where source archives go. */
  store: LocalBlobstore;
  /** Absent: what is not in the cache is an error. */
  compiler?: PackageCompiler;
  /** Packages compiled at the same time. Default 1. */
  parallel?: number;
  /** Only what these jobs need. Default: all packages. */
  jobs?: readonly string[];
  progress?: (event: { package: string; state: "cached" | "compiling" | "compiled" }) => void;
  signal?: AbortSignal;
}

/** The key under which a release's package is kept when it is compiled for a stemcell. */
export function compiledPackageKey(graph: PackageGraph<ReleasePackage>, name: string, stemcell: StemcellVersion): CompiledPackageKey {
  return { name, fingerprint: graph.get(name).fingerprint, dependencyKey: graph.dependencyKey(name), stemcell };
}

/** Names of the packages a release's jobs (all packages if none are named) need on a stemcell, dependencies included, as the graph orders them. */
export function neededPackages(release: Release, jobs?: readonly string[]): string[] {
  const graph = new PackageGraph(release.packages);
  if (jobs === undefined || jobs.length === 0) return graph.compileOrder(release.packages.map((p) => p.name)).map((p) => p.name);
  const direct = jobs.flatMap((name) => {
    const job = release.jobs.find((j) => j.name === name);
    if (!job) throw new RepaveError("release.no-job", `Release '${release.name}' has no job '${name}'`, { hint: `it has ${release.jobs.map((j) => j.name).join(", ")}` });
    return job.packages;
  });
  return graph.compileOrder(direct).map((p) => p.name);
}

/**
 * Compiles a source release's packages for a stemcell, each once: what the cache has is taken from there. Packages start as soon as their dependencies are
 * there, those that others wait longest for first. After a failure those under way are finished and kept; the first error is thrown.
 *
 * @returns the compiled packages by name.
 * @throws RepaveError `release.not-compiled` naming every package that is neither cached nor can be compiled, or what the compiler threw.
 */
export async function compilePackages(release: Release, options: CompileOptions): Promise<Map<string, StoredCompiledPackage>> {
  const { stemcell, cache, compiler, progress = () => {} } = options;
  const graph = new PackageGraph(release.packages);
  const compiled = new Map<string, StoredCompiledPackage>();
  const waiting: string[] = [];
  for (const name of neededPackages(release, options.jobs)) {
    const found = await cache.find(compiledPackageKey(graph, name, stemcell));
    if (found) {
      compiled.set(name, found);
      progress({ package: name, state: "cached" });
    } else waiting.push(name);
  }
  if (waiting.length > 0 && !compiler) throw notCompiled(release, waiting, stemcell);
  const running = new Map<string, Promise<void>>();
  let failure: unknown;
  const start = (name: string): void => {
    waiting.splice(waiting.indexOf(name), 1);
    const pkg = graph.get(name);
    progress({ package: name, state: "compiling" });
    const work = compileOne(pkg, graph, compiled, compiler as PackageCompiler, options).then(
      (done) => {
        compiled.set(name, done);
        progress({ package: name, state: "compiled" });
      },
      (error: unknown) => void (failure ??= error),
    );
    running.set(name, work.finally(() => running.delete(name)));
  };
  while (waiting.length > 0 || running.size > 0) {
    const stop = failure !== undefined || options.signal?.aborted === true;
    const ready = stop ? undefined : waiting.find((name) => graph.get(name).dependencies.every((d) => compiled.has(d)));
    if (ready !== undefined && running.size < (options.parallel ?? 1)) start(ready);
    else if (running.size > 0) await Promise.race(running.values());
    else break;
  }
  if (failure !== undefined) throw failure;
  if (options.signal?.aborted) throw new RepaveError("release.cancelled", `Cancelled while compiling release '${release.name}'`, { hint: "what is compiled is kept; the next run goes on from there" });
  return compiled;
}

async function compileOne(pkg: ReleasePackage, graph: PackageGraph<ReleasePackage>, compiled: ReadonlyMap<string, StoredCompiledPackage>, compiler: PackageCompiler, options: CompileOptions): Promise<StoredCompiledPackage> {
  const source = await packageSourceArchive(pkg, { store: options.store });
  const dependencies = [...new Set(pkg.dependencies)].sort(compareBytes).map((d) => ({ name: d, version: graph.get(d).fingerprint, compiled: compiled.get(d) as StoredCompiledPackage }));
  const { content, digest } = await compiler.compile({ name: pkg.name, version: pkg.fingerprint, source, dependencies, stemcell: options.stemcell }, options.signal);
  return options.cache.add(compiledPackageKey(graph, pkg.name, options.stemcell), content, digest);
}

function notCompiled(release: Release, names: readonly string[], stemcell: StemcellVersion): RepaveError {
  return new RepaveError("release.not-compiled", `Release '${release.name}/${release.version}' has ${names.length} packages that are not compiled for stemcell '${stemcell.os}/${stemcell.version}': ${[...names].sort(compareBytes).join(", ")}`, {
    details: { release: release.name, packages: names, stemcell },
    hint: "deploy the release once on that stemcell, which compiles them",
  });
}
