import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { contentVersion } from "../../director/release/content-version.ts";
import { compareBytes, fingerprint } from "../../director/release/fingerprint.ts";
import { deepFreeze } from "../../director/spec/freeze.ts";
import type { Release, ReleaseJob, ReleaseLicense, ReleasePackage } from "../../director/release/model.ts";
import { readFolderConfig } from "./folder-config.ts";
import { readFolderJob } from "./folder-job.ts";
import { readFolderPackage } from "./folder-package.ts";
import { gitState } from "./git.ts";
import { trackedBlobs } from "./locked-blobs.ts";
import { readPackageFile } from "./package-files.ts";
import { inParallel } from "./parallel.ts";
import { bulleted, wrapped } from "./problem-text.ts";

export interface ReadFolderOptions {
  /** Wins over the name in `config/final.yml`. */
  name?: string;
  /** Default: a dev version made of the fingerprints. */
  version?: string;
}

/**
 * Reads a release folder in BOSH's standard layout: what `bosh create-release` would make of it, without making it. Nothing is written, no
 * script is run. Locked blobs count by their digests, so they need not be fetched yet.
 *
 * @throws RepaveError with all that is wrong with the folder at once, in the CLI's words.
 */
export async function readReleaseFolder(dir: string, options: ReadFolderOptions = {}): Promise<Release> {
  const releaseDir = path.resolve(dir);
  if (!(await stat(releaseDir).catch(() => undefined))?.isDirectory()) throw new RepaveError("release.absent", `Release folder ${releaseDir} does not exist`, { details: { folder: releaseDir } });
  const config = await readFolderConfig(releaseDir, options.name);
  const blobs = await trackedBlobs(releaseDir);
  const problems: Problem[] = [];
  const buildProblems: string[] = [];
  const found = await readAll(await foldersOf(releaseDir, "packages"), "package", (folder) => readFolderPackage(releaseDir, folder, blobs));
  const packages = accepted(found.map((f) => f.package).filter((p) => p !== undefined), found.flatMap((f) => f.problem ?? []), "Constructing packages from directory", problems);
  const jobs = await readJobs(releaseDir, packages, problems, buildProblems);
  const license = await readLicense(releaseDir).catch((error: unknown) => {
    problems.push({ text: wrapped("Constructing license from manifest", wrapped(`Reading license from '${releaseDir}'`, messageOf(error))) });
    return undefined;
  });
  if (problems.length === 0) buildProblems.push(...found.flatMap((f) => f.buildProblem ?? []));
  const all = problems.length > 0 ? problems.map((p) => p.text) : buildProblems;
  if (all.length > 0) {
    const hint = problems.map((p) => p.hint).find((h) => h !== undefined);
    throw new RepaveError("release.folder", bulleted(`Building a release from directory '${releaseDir}'`, all), { details: { folder: releaseDir, problems: all }, ...(hint ? { hint } : {}) });
  }
  const { commitHash, uncommittedChanges } = await gitState(releaseDir);
  const prints = [...jobs.map((j) => `job ${j.name} ${j.fingerprint}`), ...packages.map((p) => `package ${p.name} ${p.fingerprint}`), ...(license ? [`license ${license.fingerprint}`] : [])];
  return deepFreeze({ ...config, version: options.version ?? contentVersion([config.name, ...prints]), commitHash, uncommittedChanges, jobs, packages, compiledPackages: [], license });
}

interface Problem {
  text: string;
  hint?: string;
}

type Outcome<T> = { problem?: Problem; buildProblem?: string } & Partial<T>;

async function readAll<T extends { buildProblem: string | undefined }>(folders: readonly string[], noun: string, read: (folder: string) => Promise<T>): Promise<Outcome<T>[]> {
  return inParallel(folders, 4, async (folder): Promise<Outcome<T>> => {
    try {
      return await read(folder);
    } catch (error) {
      if (error instanceof RepaveError && !/^release\.(package|job)/.test(error.code)) throw error;
      return { problem: { text: wrapped(`Reading ${noun} from '${folder}'`, messageOf(error)), ...(error instanceof RepaveError && error.hint ? { hint: error.hint } : {}) } } as Outcome<T>;
    }
  });
}

/** The packages if all could be read and all dependencies are there, else none, as the CLI has it. */
function accepted(packages: readonly ReleasePackage[], own: readonly Problem[], doing: string, problems: Problem[]): ReleasePackage[] {
  const reasons = own.map((p) => p.text);
  for (const p of packages) {
    const absent = p.dependencies.find((d) => !packages.some((other) => other.name === d));
    if (absent !== undefined) reasons.push(`Expected to find package '${absent}' since it's a dependency of package '${p.name}'`);
  }
  if (reasons.length === 0) return [...packages].sort((a, b) => compareBytes(a.name, b.name));
  problems.push({ text: bulleted(doing, reasons), ...own.find((p) => p.hint) && { hint: own.find((p) => p.hint)?.hint } });
  return [];
}

async function readJobs(releaseDir: string, packages: readonly ReleasePackage[], problems: Problem[], buildProblems: string[]): Promise<ReleaseJob[]> {
  const found = await readAll(await foldersOf(releaseDir, "jobs"), "job", (folder) => readFolderJob(releaseDir, folder));
  const names = new Set(packages.map((p) => p.name));
  const reasons: string[] = [];
  const jobs: ReleaseJob[] = [];
  for (const { job, problem, buildProblem } of found) {
    const absent = job?.packages.find((p) => !names.has(p));
    if (problem) reasons.push(problem.text);
    else if (job && absent !== undefined) reasons.push(`Expected to find package '${absent}' since it's a dependency of job '${job.name}'`);
    else if (job) jobs.push(job);
    if (buildProblem) buildProblems.push(buildProblem);
  }
  if (reasons.length > 0) problems.push({ text: bulleted("Constructing jobs from manifest", reasons) });
  return jobs.sort((a, b) => compareBytes(a.name, b.name));
}

async function readLicense(releaseDir: string): Promise<ReleaseLicense | undefined> {
  const names = (await readdir(releaseDir)).filter((n) => /^(LICENSE|NOTICE)/.test(n)).sort(compareBytes);
  if (names.length === 0) return undefined;
  const files = await Promise.all(names.map((n) => readPackageFile(n, path.join(releaseDir, n), { ignoreMode: true })));
  return { fingerprint: fingerprint(files.map((f) => f.seen)), archive: { kind: "files", files: files.map((f) => f.source), compress: true, releaseFolder: releaseDir } };
}

/** The folders directly below `jobs` or `packages`, links to folders and hidden ones included. */
async function foldersOf(releaseDir: string, kind: "jobs" | "packages"): Promise<string[]> {
  const parent = path.join(releaseDir, kind);
  if (!(await lstat(parent).catch(() => undefined))) return [];
  const names = (await readdir(parent)).sort(compareBytes);
  // What cannot be looked at is reported when it is read.
  const folders = await Promise.all(names.map(async (n) => ((await stat(path.join(parent, n)).catch(() => undefined))?.isDirectory() === false ? [] : [path.join(parent, n)])));
  return folders.flat();
}
