export { TemplatePool, type TemplatePoolOptions } from "./template-pool.ts";
export { rubyRenderer } from "./ruby-renderer.ts";
