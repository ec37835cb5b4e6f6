import { RepaveError } from "../director/core/errors.ts";
import type { InstanceInput } from "../director/templates/renderer.ts";
import { buildArchive, type RenderDigests, type RenderedArchive, type RubyRenderer } from "./templates/index.ts";

/**
 * Renders instances on demand. Digests of earlier renderings come from the renderer's cache, so that a run that changes nothing
 * starts no Ruby; what is rendered holds secrets and never leaves this process but for the agent it is meant for.
 */
export class Rendering {
  readonly #renderer: RubyRenderer;
  readonly #inputs = new Map<string, InstanceInput>();

  constructor(renderer: RubyRenderer) {
    this.#renderer = renderer;
  }

  /** What the rendered files of an instance amount to. */
  async digest(instance: string, input: InstanceInput, signal: AbortSignal): Promise<RenderDigests> {
    const digests = await this.#renderer.configurationHashCached(input, { signal });
    this.#inputs.set(keyOf(instance, digests.configurationHash), input);
    return digests;
  }

  /** The archive of an instance whose digest was asked for in this process. */
  async archive(instance: string, configurationHash: string, signal: AbortSignal): Promise<RenderedArchive> {
    const input = this.#inputs.get(keyOf(instance, configurationHash));
    if (!input) {
      throw new RepaveError("render.absent", `The rendered files of ${instance} are not at hand`, { hint: "run the update again; templates render in the run that needs them" });
    }
    const rendered = await this.#renderer.renderInstance(input, { signal });
    if (rendered.configurationHash !== configurationHash) {
      throw new RepaveError("render.unstable", `The templates of ${instance} render differently each time`, {
        hint: "look for Time.now, SecureRandom or the order of a hash in the job's templates",
      });
    }
    return buildArchive(rendered.jobs);
  }

  close(): Promise<void> {
    return this.#renderer.close();
  }
}

function keyOf(instance: string, configurationHash: string): string {
  return `${instance} ${configurationHash}`;
}
