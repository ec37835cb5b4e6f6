import { concourse } from "./render-concourse.ts";
import { cron, systemd } from "./render-timers.ts";
import { github } from "./render-github.ts";
import type { Pipeline } from "./pipeline.ts";

export interface RenderedFile {
  name: string;
  text: string;
}

export interface RenderContext {
  /** The project's folder on the computer whose timers are rendered. */
  folder: string;
}

/** What a pipeline can be rendered for. */
export const renderers: Readonly<Record<string, (pipeline: Pipeline, context: RenderContext) => RenderedFile[]>> = { cron, systemd, github, concourse };
