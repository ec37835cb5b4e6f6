import { open } from "node:fs/promises";
import path from "node:path";
import type { Command as Commander } from "commander";
import { mergeCloudConfigs, readCloudConfig } from "../../director/config/cloud-config.ts";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { effectiveManifest } from "../../director/manifest/effective.ts";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import { typescriptStack } from "../../director/manifest/typescript-stack.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { throwIssues } from "../../director/spec/issues.ts";
import { emitYaml, fromPlain, type PlainValue } from "../../director/yaml/index.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { withPositions } from "../../director/manifest/positions.ts";
import { defineManifestSource, readManifestSource, type ManifestSource, type ManifestSourceOptions } from "./manifest-source.ts";

interface ImportOptions extends ManifestSourceOptions {
  out?: string;
}

export const manifest: Command = {
  define(command: Commander) {
    const show = command.command("show").description("Print the effective manifest: ops files, variables, addons and defaults applied");
    defineManifestSource(show);
    show.addHelpText("after", "\nExample:\n  repave manifest show cf.yml -o scale.yml --runtime-config dns.yml");
    const bring = command.command("import").description("Turn a manifest into a TypeScript stack");
    defineManifestSource(bring);
    bring
      .option("--out <file>", "write the module here instead of standard output; an existing file is kept")
      .addHelpText("after", "\nExample:\n  repave manifest import cf.yml -o scale.yml --cloud-config cloud.yml --out stacks/cf.ts");
  },

  async run([verb, file], options, context) {
    if (file === undefined) throw new RepaveError("cli.usage", `'manifest ${verb ?? "show"}' needs the file of a manifest`);
    if (verb === "import") return bring(file, options, context);
    const { spec } = checked(await readManifestSource(file, options, context), options, context);
    const value = effectiveManifest(spec);
    if (context.ui.json) context.ui.data(value);
    else context.ui.out(emitYaml(fromPlain(value as PlainValue)));
    return exitCode.ok;
  },
};

async function bring(file: string, options: ImportOptions, context: CommandContext): Promise<number> {
  // values of a vars store are credentials: they are generated or imported into the state, never written into code
  const source = await readManifestSource(file, { ...options, varsStore: undefined }, context);
  const { spec, cloud } = checked(source, options, context);
  const { code, notes } = typescriptStack({ name: spec.name, manifest: source.manifest, undefinedVariables: source.undefinedVariables, ...(cloud === undefined ? {} : { cloud }) });
  for (const note of notes) context.ui.warn(`not carried over: ${note}`);
  if (options.out === undefined) context.ui.out(code);
  else await writeNew(path.resolve(context.cwd, options.out), code);
  return exitCode.ok;
}

function checked(source: ManifestSource, options: ManifestSourceOptions, context: CommandContext): { spec: DeploymentSpec; cloud: CloudConfigSpec | undefined } {
  const cloud = source.cloudConfigs.length === 0 ? undefined : readCloudConfig(mergeCloudConfigs(source.cloudConfigs), options);
  const reading = readManifest(source.manifest, cloud?.partial, source.runtimeConfigs, options);
  for (const warning of reading.warnings) context.ui.warn(warning);
  throwIssues(`Deployment '${reading.partial.name}'`, [
    ...withPositions(cloud?.issues ?? [], source.written.cloudConfig),
    ...withPositions(reading.issues.filter((issue) => issue.document === "manifest"), source.written.manifest),
    ...reading.issues.filter((issue) => issue.document !== "manifest"),
  ]);
  return { spec: reading.partial, cloud: cloud?.partial };
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(text).finally(() => handle.close());
  } catch (cause) {
    throw new RepaveError("cli.file", `The module '${file}' can't be written: ${messageOf(cause)}`, { cause, hint: "name a file that is not there yet" });
  }
}
