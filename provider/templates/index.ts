export { buildArchive, type RenderedArchive } from "./archive.ts";
export type { RenderDigests } from "./digest-cache.ts";
export { readJobFolder, type JobFolder } from "./job-folder.ts";
export { instanceInput } from "./render-input.ts";
export { rubyRenderer, type RubyRenderer, type RubyRendererOptions } from "./ruby-renderer.ts";
