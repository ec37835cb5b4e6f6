import { readdirSync, readFileSync } from "node:fs";
import { RepaveError } from "../../director/core/errors.ts";
import type { Renderer } from "../../director/templates/renderer.ts";
import { instanceInput, readJobFolder } from "../../provider/templates/index.ts";

export type RenderResult = { files: Map<string, Buffer> } | { error: string };

/** Renders a job's folder with a case's input: files by destination (`monit` included, links.json not), or the error's text. */
export async function renderCase(renderer: Renderer, jobDir: string, inputFile: string): Promise<RenderResult> {
  try {
    const [job] = (await renderer.renderInstance(instanceInput(readFileSync(inputFile, "utf8"), await readJobFolder(jobDir)))).jobs;
    const files = [{ dest: "monit", content: job!.monit }, ...job!.files].filter(({ dest }) => dest !== ".bosh/links.json");
    return { files: new Map(files.map(({ dest, content }) => [dest, Buffer.from(content)])) };
  } catch (error) {
    if (error instanceof RepaveError) return { error: error.message };
    throw error;
  }
}

export function foldersIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}
