import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { instanceInput, readJobFolder, rubyRenderer } from "../../provider/templates/index.ts";

const optionsSchema = z.object({ input: z.string(), out: z.string() });

export const renderJob: Command = {
  define(command) {
    command
      .argument("<job-dir>", "folder of the job: spec, monit, templates/")
      .requiredOption("--input <file>", "JSON with the instance's context, the manifest's properties and the links")
      .requiredOption("--out <dir>", "folder for the rendered files");
  },

  async run([jobDir = ""], options, context) {
    const { input, out } = optionsSchema.parse(options);
    const json = await readInput(path.resolve(context.cwd, input));
    const renderer = rubyRenderer({ threads: 1 });
    try {
      const instance = instanceInput(json, await readJobFolder(path.resolve(context.cwd, jobDir)));
      const rendered = await renderer.renderInstance(instance, { signal: context.signal });
      const { monit, files } = rendered.jobs[0]!;
      const written = [{ dest: "monit", content: monit }, ...files];
      for (const file of written) await write(path.resolve(context.cwd, out), file.dest, file.content);
      context.ui.data({ files: written.map((file) => file.dest), configuration_hash: rendered.configurationHash, template_hashes: rendered.templateHashes });
      return exitCode.ok;
    } finally {
      await renderer.close();
    }
  },
};

async function readInput(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString();
  } catch (error) {
    throw new RepaveError("render.input", `Cannot read render input '${file}'`, { cause: new Error(messageOf(error)) });
  }
}

/** Rendered files hold credentials: private to the user. The renderer has refused destinations outside the job's folder. */
async function write(out: string, dest: string, content: Uint8Array): Promise<void> {
  const file = path.join(out, dest);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, content, { mode: 0o600 });
}
