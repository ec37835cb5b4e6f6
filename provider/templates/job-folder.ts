import { readFile } from "node:fs/promises";
import path from "node:path";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { readTemplateSpec } from "../../director/templates/job-spec.ts";
import type { JobInput } from "../../director/templates/renderer.ts";

/** The part of a job's input that its folder holds. */
export type JobFolder = Pick<JobInput, "name" | "monit" | "templates" | "properties" | "propertiesSchema">;

/** Reads `spec`, `monit`, `templates/` and `properties_schema.json` of a job as it lies in a release's `jobs/`. */
export async function readJobFolder(dir: string): Promise<JobFolder> {
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(path.join(dir, file));
    } catch (error) {
      throw new RepaveError("release.job", `Cannot read '${file}' of the job in '${dir}'`, { cause: new Error(messageOf(error)) });
    }
  };
  const spec = readTemplateSpec((await read("spec")).toString());
  const templates = await Promise.all(spec.templates.map(async ({ src, dest }) => ({ src, dest, content: await read(path.join("templates", src)) })));
  const schema = await readFile(path.join(dir, "properties_schema.json"), "utf8").catch(() => undefined);
  return { name: spec.name, properties: spec.properties, propertiesSchema: schema, templates, monit: await read("monit") };
}
