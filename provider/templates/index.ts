export { readJobFolder, type JobFolder } from "./job-folder.ts";
export { instanceInput } from "./render-input.ts";
export { rubyRenderer, type RubyRenderer } from "./ruby-renderer.ts";
export type { TemplatePoolOptions } from "./template-pool.ts";
