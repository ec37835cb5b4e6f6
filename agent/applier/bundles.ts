import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmdirSync } from "node:fs";
import path from "node:path";
import { formatDigests, parseDigests } from "../../director/protocol/index.ts";
import { giveToVcap, pointLink, remove } from "../files.ts";

/** One installed version of a job or a package: `<root>/<name>/<hash>`. */
export interface Bundle {
  name: string;
  path: string;
}

/** The installed versions of all jobs, or of all packages, and the links that make one of each current. */
export class Bundles {
  readonly #root: string;
  readonly #mode: number;

  constructor(root: string, mode: number) {
    this.#root = root;
    this.#mode = mode;
  }

  /** `digests` absent: a package that is being compiled has none yet. */
  at(name: string, version: string, digests?: string): Bundle {
    if (!/^[^/\0]+$/.test(name) || name === "." || name === "..") throw new Error(`'${name}' is not a name`);
    if (version === "") throw new Error(`Internal inconsistency: Expected version of '${name}' to be non-empty`);
    const key = digests === undefined ? version : `${version}-${formatDigests(parseDigests(digests))}`;
    return { name, path: path.join(this.#root, name, createHash("sha1").update(key).digest("hex")) };
  }

  isInstalled(bundle: Bundle): boolean {
    return existsSync(bundle.path);
  }

  /** Lets `fill` write into a folder beside it, which becomes the bundle only when complete. */
  async install(bundle: Bundle, fill: (dir: string) => Promise<void>): Promise<void> {
    const partial = `${bundle.path}.part`;
    remove(partial);
    mkdirSync(partial, { recursive: true });
    try {
      await fill(partial);
      chmodSync(partial, this.#mode);
      giveToVcap(partial);
      giveToVcap(path.dirname(partial));
      renameSync(partial, bundle.path);
    } catch (error) {
      remove(partial);
      throw error;
    }
  }

  makeEmpty(bundle: Bundle): void {
    remove(bundle.path);
    mkdirSync(bundle.path, { recursive: true, mode: this.#mode });
    giveToVcap(bundle.path);
  }

  enable(bundle: Bundle, linkDir: string): void {
    pointLink(path.join(linkDir, bundle.name), bundle.path);
  }

  /** Removes every bundle not named, its link first: a link without bundle would never be found again. */
  keepOnly(kept: readonly Bundle[], linkDir: string): void {
    const paths = new Set(kept.map((bundle) => bundle.path));
    for (const bundle of this.#installed()) {
      if (!paths.has(bundle.path)) this.uninstall(bundle, linkDir);
    }
  }

  uninstall(bundle: Bundle, linkDir: string): void {
    unlinkFrom(linkDir, bundle);
    remove(bundle.path);
    const parent = path.dirname(bundle.path);
    if (existsSync(parent) && readdirSync(parent).length === 0) rmdirSync(parent);
  }

  #installed(): Bundle[] {
    if (!existsSync(this.#root)) return [];
    return readdirSync(this.#root).flatMap((name) =>
      readdirSync(path.join(this.#root, name)).map((hash) => ({ name, path: path.join(this.#root, name, hash) })),
    );
  }
}

/** Removes the links in a folder that point to anything but the named bundles. */
export function keepOnlyLinks(linkDir: string, kept: readonly Bundle[]): void {
  if (!existsSync(linkDir)) return;
  const paths = new Set(kept.map((bundle) => bundle.path));
  for (const name of readdirSync(linkDir)) {
    const link = path.join(linkDir, name);
    if (!paths.has(targetOf(link) ?? "")) remove(link);
  }
}

function unlinkFrom(linkDir: string, bundle: Bundle): void {
  const link = path.join(linkDir, bundle.name);
  if (targetOf(link) === bundle.path) remove(link);
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
