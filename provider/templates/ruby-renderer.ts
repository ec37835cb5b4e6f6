import type { InstanceInput, RenderedInstance, Renderer } from "../../director/templates/renderer.ts";
import { renderWith } from "./render-instance.ts";
import { TemplatePool, type TemplatePoolOptions } from "./template-pool.ts";

/** A `Renderer` with real Ruby behind it; `close` ends its threads. */
export interface RubyRenderer extends Renderer {
  close(): Promise<void>;
}

/**
 * Makes a renderer. Nothing starts before the first render.
 *
 * @example
 * const renderer = rubyRenderer();
 * const { jobs, configurationHash } = await renderer.renderInstance(input);
 * await renderer.close();
 */
export function rubyRenderer(options: TemplatePoolOptions = {}): RubyRenderer {
  const pool = new TemplatePool(options);
  return {
    renderInstance: (input: InstanceInput, { signal }: { signal?: AbortSignal } = {}): Promise<RenderedInstance> => renderWith(pool, input, signal),
    close: () => pool.close(),
  };
}
