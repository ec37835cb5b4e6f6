import { createHmac, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { RepaveError } from "../director/core/errors.ts";
import type { InstanceInput, RenderedInstance } from "../director/templates/renderer.ts";
import { renderedArchive, type RenderedArchive } from "./rendered-archive.ts";
import type { RubyRenderer } from "./templates/index.ts";

export interface RenderingDigest {
  configurationHash: string;
  templateHashes: Record<string, string>;
}

/**
 * Renders instances on demand. The digest of a rendering is remembered on disk under a keyed hash of its inputs, so that a run
 * that changes nothing starts no Ruby; the content, which holds secrets, stays in this process.
 */
export class Rendering {
  readonly #renderer: RubyRenderer;
  readonly #folder: string;
  readonly #inputs = new Map<string, InstanceInput>();
  readonly #rendered = new Map<string, Promise<RenderedInstance>>();
  #key: Promise<Buffer> | undefined;

  constructor(renderer: RubyRenderer, folder: string) {
    this.#renderer = renderer;
    this.#folder = folder;
  }

  /** What the rendered files of an instance amount to; renders only what was never rendered before. */
  async digest(instance: string, input: InstanceInput, signal: AbortSignal): Promise<RenderingDigest> {
    const key = await this.#keyOf(input);
    const file = path.join(this.#folder, key.slice(0, 2), `${key}.json`);
    const known = await readFile(file, "utf8").then((text) => JSON.parse(text) as RenderingDigest, () => undefined);
    const digest = known ?? digestOf(await this.#render(input, signal));
    this.#inputs.set(`${instance} ${digest.configurationHash}`, input);
    if (!known) await this.#remember(file, digest);
    return digest;
  }

  /** The archive of an instance whose digest was asked for in this process. */
  async archive(instance: string, configurationHash: string, signal: AbortSignal): Promise<RenderedArchive> {
    const input = this.#inputs.get(`${instance} ${configurationHash}`);
    if (!input) {
      throw new RepaveError("render.absent", `The rendered files of ${instance} are not at hand`, { hint: "run the update again; templates render in the run that needs them" });
    }
    const rendered = await this.#render(input, signal);
    if (rendered.configurationHash !== configurationHash) {
      throw new RepaveError("render.unstable", `The templates of ${instance} render differently each time`, {
        hint: "look for Time.now, SecureRandom or the order of a hash in the job's templates",
      });
    }
    return renderedArchive(rendered);
  }

  close(): Promise<void> {
    return this.#renderer.close();
  }

  async #render(input: InstanceInput, signal: AbortSignal): Promise<RenderedInstance> {
    const key = await this.#keyOf(input);
    let rendering = this.#rendered.get(key);
    if (!rendering) {
      rendering = this.#renderer.renderInstance(input, { signal });
      this.#rendered.set(key, rendering);
      rendering.catch(() => this.#rendered.delete(key));
    }
    return rendering;
  }

  /** Keyed, so that nobody can try passwords against the names of the cache's files. */
  async #keyOf(input: InstanceInput): Promise<string> {
    this.#key ??= this.#readKey();
    return createHmac("sha256", await this.#key).update(JSON.stringify(input)).digest("hex");
  }

  async #readKey(): Promise<Buffer> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = path.join(this.#folder, "key");
    await writeFile(file, randomBytes(32), { mode: 0o600, flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    return readFile(file);
  }

  async #remember(file: string, digest: RenderingDigest): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    await writeFile(temporary, JSON.stringify(digest), { mode: 0o600 });
    await rename(temporary, file);
  }
}

function digestOf(rendered: RenderedInstance): RenderingDigest {
  return { configurationHash: rendered.configurationHash, templateHashes: rendered.templateHashes };
}
