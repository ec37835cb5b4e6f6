import path from "node:path";
import type { Project } from "./project.ts";

/** The project's program as a function for an inline run; loaded afresh each time, as a new run of it would be. */
export function inlineProgram(project: Project): (() => Promise<unknown>) | undefined {
  const file = project.program;
  if (file === undefined) return undefined;
  return async () => {
    const folder = path.dirname(file) + path.sep;
    for (const key of Object.keys(require.cache)) if (key === file || key.startsWith(folder)) delete require.cache[key];
    const exported: unknown = require(file);
    return typeof exported === "function" ? await (exported as () => unknown)() : exported;
  };
}
