import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import path from "node:path";
import type { PackageRef } from "../../director/protocol/index.ts";
import type { BlobStore } from "../blob-store.ts";
import { giveToVcap, remove } from "../files.ts";
import type { Layout } from "../layout.ts";
import { jobsOf, packagesOf, type SavedSpec } from "../spec.ts";
import { isGzip, unpack } from "./archive.ts";
import { type Bundle, Bundles, keepOnlyLinks } from "./bundles.ts";
import { fixJobPermissions } from "./job-permissions.ts";

/** Brings the jobs and packages on the VM in line with a spec. */
export class Applier {
  readonly #layout: Layout;
  readonly #blobs: BlobStore;
  readonly #parallel: number;
  readonly #jobs: Bundles;
  readonly packages: Bundles;

  constructor(options: { layout: Layout; blobs: BlobStore; parallel: number }) {
    this.#layout = options.layout;
    this.#blobs = options.blobs;
    this.#parallel = options.parallel;
    this.#jobs = new Bundles(options.layout.jobBundles, 0o750);
    this.packages = new Bundles(options.layout.packageBundles, 0o755);
  }

  /** Installs what the spec needs beside what runs; links stay as they are. */
  async prepare(spec: SavedSpec): Promise<void> {
    await this.#installJobs(spec);
    await inParallel(this.#parallel, packagesOf(spec), (pkg) => this.#installPackage(pkg));
    this.#deleteArchive(spec);
  }

  /** Makes the spec's jobs and packages the only ones. Does not stop processes, and leaves `monit` files to `configure`. */
  async apply(spec: SavedSpec): Promise<void> {
    remove(this.#layout.monitJobs);
    const packages = packagesOf(spec);
    await this.#installJobs(spec);
    await inParallel(this.#parallel, packages, (pkg) => this.#installPackage(pkg));
    const packageBundles = packages.map((pkg) => this.#packageBundle(pkg));
    const jobBundles = this.#jobBundles(spec);
    for (const job of jobBundles) {
      this.#makeJobDirs(job.name);
      this.#jobs.enable(job, this.#layout.jobs);
      const links = path.join(job.path, "packages");
      for (const pkg of packageBundles) this.packages.enable(pkg, links);
      keepOnlyLinks(links, packageBundles);
    }
    this.#deleteArchive(spec);
    this.#jobs.keepOnly(jobBundles, this.#layout.jobs);
    for (const pkg of packageBundles) this.packages.enable(pkg, this.#layout.packages);
    this.packages.keepOnly(packageBundles, this.#layout.packages);
  }

  /** Gives the supervisor the jobs' `monit` files, the last job first. */
  configure(spec: SavedSpec): void {
    mkdirSync(this.#layout.monitJobs, { recursive: true, mode: 0o700 });
    for (const [index, job] of this.#jobBundles(spec).toReversed().entries()) {
      const number = String(index).padStart(4, "0");
      for (const file of readdirSync(job.path)) {
        const label = file === "monit" ? "" : file.endsWith(".monit") ? `_${file.replace(".monit", "")}` : undefined;
        if (label === undefined) continue;
        copyFileSync(path.join(job.path, file), path.join(this.#layout.monitJobs, `${number}_${job.name}${label}.monitrc`));
      }
    }
  }

  async installPackage(pkg: PackageRef): Promise<void> {
    await this.#installPackage(pkg);
    this.packages.enable(this.#packageBundle(pkg), this.#layout.packages);
  }

  removeAllPackages(): void {
    this.packages.keepOnly([], this.#layout.packages);
  }

  #jobBundles(spec: SavedSpec): Bundle[] {
    return jobsOf(spec).map((job) => this.#jobs.at(job.name, job.version, spec.rendered_templates_archive!.sha1));
  }

  async #installJobs(spec: SavedSpec): Promise<void> {
    const missing = this.#jobBundles(spec).filter((bundle) => !this.#jobs.isInstalled(bundle));
    const archive = spec.rendered_templates_archive;
    if (missing.length === 0 || archive === null) return;
    const first = missing[0]!.name;
    const unpacked = path.join(this.#layout.ownTmp, `templates-${process.pid}`);
    try {
      await wrap(`Preparing job ${first}: Getting job source from blobstore`, async () => {
        const file = await this.#blobs.fetch(archive.blobstore_id, archive.sha1);
        if (!isGzip(file)) throw new Error("gzip: invalid header");
        remove(unpacked);
        mkdirSync(unpacked, { recursive: true, mode: 0o700 });
        await unpack(file, unpacked);
      });
      for (const bundle of missing) {
        await wrap(`Preparing job ${bundle.name}: Installing job bundle`, () => this.#installJob(bundle, path.join(unpacked, bundle.name)));
      }
    } finally {
      remove(unpacked);
    }
  }

  async #installJob(bundle: Bundle, source: string): Promise<void> {
    if (!existsSync(source)) throw new Error(`the archive has no directory '${bundle.name}'`);
    await this.#jobs.install(bundle, async (dir) => {
      for (const entry of readdirSync(source)) renameSync(path.join(source, entry), path.join(dir, entry));
      fixJobPermissions(dir);
    });
  }

  #packageBundle(pkg: PackageRef): Bundle {
    return this.packages.at(pkg.name, pkg.version, pkg.sha1);
  }

  async #installPackage(pkg: PackageRef): Promise<void> {
    const bundle = this.#packageBundle(pkg);
    if (this.packages.isInstalled(bundle)) return;
    await wrap(`Preparing package ${pkg.name}: Fetching package blob`, async () => {
      if (pkg.blobstore_id === "" && pkg.signed_url) throw new Error("signed URLs are not supported by this agent");
      const file = await this.#blobs.fetch(pkg.blobstore_id, pkg.sha1);
      await this.packages.install(bundle, (dir) => unpack(file, dir));
    });
  }

  #makeJobDirs(job: string): void {
    for (const dir of this.#layout.jobDirs(job)) {
      if (existsSync(dir)) continue;
      mkdirSync(dir, { recursive: true });
      chmodSync(dir, 0o770);
      giveToVcap(dir);
    }
  }

  #deleteArchive(spec: SavedSpec): void {
    if (jobsOf(spec).length > 0) this.#blobs.delete(spec.rendered_templates_archive!.blobstore_id);
  }
}

async function inParallel<T>(count: number, items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const errors: unknown[] = [];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined && errors.length === 0; item = rest.shift()) {
      await run(item).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  if (errors.length > 0) throw errors[0];
}

async function wrap(step: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`${step}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
