import type { InstanceInput, RenderedInstance, Renderer } from "../../director/templates/renderer.ts";
import { DigestCache, type RenderDigests } from "./digest-cache.ts";
import { renderWith } from "./render-instance.ts";
import { TemplatePool, type TemplatePoolOptions } from "./template-pool.ts";

export interface RubyRendererOptions extends TemplatePoolOptions {
  /** A private folder for digests of earlier renders. Without it, every digest needs a render. */
  cacheDir?: string;
}

/** A `Renderer` with real Ruby behind it. */
export interface RubyRenderer extends Renderer {
  /** The digests an input renders to: from the cache without starting Ruby, else by rendering. Throws as `renderInstance` does. */
  configurationHashCached(input: InstanceInput, options?: { signal?: AbortSignal }): Promise<RenderDigests>;
  /** Ends its threads. Idle threads don't keep the process alive, so this is only a courtesy. */
  close(): Promise<void>;
}

/**
 * Makes a renderer. Nothing starts before the first render.
 *
 * @example
 * const renderer = rubyRenderer({ cacheDir });
 * const { jobs, configurationHash } = await renderer.renderInstance(input);
 * const { bytes, sha1 } = buildArchive(jobs);
 * await renderer.close();
 */
export function rubyRenderer({ cacheDir, ...options }: RubyRendererOptions = {}): RubyRenderer {
  const pool = new TemplatePool(options);
  const cache = cacheDir === undefined ? undefined : new DigestCache(cacheDir);
  const renderInstance = async (input: InstanceInput, { signal }: { signal?: AbortSignal } = {}): Promise<RenderedInstance> => {
    const rendered = await renderWith(pool, input, signal);
    await cache?.put(input, rendered);
    return rendered;
  };
  return {
    renderInstance,
    async configurationHashCached(input, given) {
      const known = await cache?.get(input);
      if (known) return known;
      const { configurationHash, templateHashes } = await renderInstance(input, given);
      return { configurationHash, templateHashes };
    },
    async close() {
      await pool.close();
      await cache?.prune();
    },
  };
}
