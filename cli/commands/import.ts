import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command as Commander } from "commander";
import { mergeCloudConfigs, readCloudConfig } from "../../director/config/cloud-config.ts";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import { withPositions } from "../../director/manifest/positions.ts";
import { throwIssues } from "../../director/spec/issues.ts";
import { parseVariableFlag, parseVariables, type VariableValues } from "../../director/variables/sources.ts";
import { packageRoot, packageVersion } from "../../provider/package-version.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { credentialFindings } from "./import/credentials.ts";
import { readDirectorState, stateFindings } from "./import/director-state.ts";
import { findingsPage, outcomes, type Finding } from "./import/findings.ts";
import { platformFindings } from "./import/platform.ts";
import { projectFiles, type ProjectFile, type ProjectSketch } from "./import/project-files.ts";
import { expanded, read } from "./interpolate-files.ts";
import { readManifestSource } from "./manifest-source.ts";

interface ImportOptions {
  manifest?: string;
  opsFile?: string[];
  var?: string[];
  varsFile?: string[];
  varsStore?: string;
  cloudConfig?: string[];
  runtimeConfig?: string[];
  releases?: string;
  state?: string;
  out?: string;
}

const repeatable = (value: string, previous: string[] = []): string[] => [...previous, value];

export const importCommand: Command = {
  define(command: Commander) {
    command
      .requiredOption("--manifest <path>", "the deployment's manifest")
      .option("-o, --ops-file <path>", "ops file; repeatable, in order", repeatable)
      .option("-v, --var <name=value>", "value of a variable, written into the project's vars.yml; repeatable", repeatable)
      .option("-l, --vars-file <path>", "vars file; repeatable", repeatable)
      .option("--vars-store <path>", "vars store whose credentials are taken over; it is referred to, never copied")
      .requiredOption("--cloud-config <path>", "cloud config; repeatable, they are merged", repeatable)
      .option("--runtime-config <path>", "runtime config; repeatable", repeatable)
      .option("--releases <dir>", "folder with the releases, used instead of their URLs")
      .option("--state <path>", "state file of 'bosh create-env', to say what becomes of the Director")
      .requiredOption("--out <dir>", "folder of the new project")
      .addHelpText("after", "\nExample:\n  repave import --manifest cf.yml -o scale.yml --vars-store creds.yml --cloud-config cloud.yml --state state.json --out cf");
  },

  async run(_args, given, context) {
    const options = given as ImportOptions;
    const folder = expanded(options.out ?? "", context);
    await refuseUsed(folder, options.out ?? "");
    const { sketch, findings } = await examined(options, folder, context);
    const files = [...projectFiles(sketch), { name: "IMPORT.md", text: findingsPage(sketch.name, findings) }];
    await write(folder, files);
    report(folder, files, findings, context);
    return exitCode.ok;
  },
};

async function examined(options: ImportOptions, folder: string, context: CommandContext): Promise<{ sketch: ProjectSketch; findings: Finding[] }> {
  const { manifest = "", opsFile = [], varsFile = [], cloudConfig = [], runtimeConfig = [] } = options;
  // credentials of the store stay out of what is checked here: they go into the state only
  const source = await readManifestSource(manifest, { ...options, varsStore: undefined }, context);
  const cloud = readCloudConfig(mergeCloudConfigs(source.cloudConfigs));
  const { partial: spec, issues } = readManifest(source.manifest, cloud.partial, source.runtimeConfigs);
  throwIssues(`Deployment '${spec.name}'`, [
    ...withPositions(cloud.issues, source.written.cloudConfig),
    ...issues.flatMap((issue) => withPositions([issue], issue.document === "manifest" ? source.written.manifest : undefined)),
  ]);
  const flags = new Map((options.var ?? []).map(parseVariableFlag));
  const store: VariableValues = options.varsStore === undefined ? new Map() : parseVariables(await read(expanded(options.varsStore, context), context, "Reading the vars store"), { file: options.varsStore });
  const given = new Set(flags.keys());
  for (const file of varsFile) for (const name of parseVariables(await read(expanded(file, context), context), { file }).keys()) given.add(name);
  const state = options.state === undefined ? undefined : readDirectorState((await read(expanded(options.state, context), context)).toString(), options.state);
  const at = (file: string): string => expanded(file, context);
  return {
    sketch: {
      name: spec.name,
      folder,
      manifest: at(manifest),
      opsFiles: opsFile.map(at),
      varsFiles: varsFile.map(at),
      varsStore: options.varsStore === undefined ? undefined : at(options.varsStore),
      cloudConfigs: cloudConfig.map(at),
      runtimeConfigs: runtimeConfig.map(at),
      releases: options.releases === undefined ? undefined : at(options.releases),
      vars: flags,
      versions: { repave: packageVersion(), pulumi: sdkVersion() },
    },
    findings: [
      ...platformFindings({ spec, cloud: cloud.partial, undefinedVariables: source.undefinedVariables, releases: options.releases, stored: new Set(store.keys()) }),
      ...credentialFindings({ spec, store, given: (name) => given.has(name), now: new Date() }),
      ...(state === undefined ? [] : stateFindings(state)),
    ],
  };
}

function sdkVersion(): string {
  const { dependencies } = require(path.join(packageRoot(), "package.json")) as { dependencies: Record<string, string> };
  return dependencies["@pulumi/pulumi"]!;
}

async function refuseUsed(folder: string, name: string): Promise<void> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new RepaveError("cli.file", `The folder '${name}' can't be used: ${messageOf(error)}`, { cause: error });
  });
  if (present.length > 0) throw new RepaveError("cli.file", `The folder '${name}' is not empty`, { hint: "name one that is not there yet" });
}

async function write(folder: string, files: readonly ProjectFile[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const file of files) await writeFile(path.join(folder, file.name), file.text, { flag: "wx", mode: file.private ? 0o600 : 0o644 });
  } catch (cause) {
    throw new RepaveError("cli.file", `The project can't be written: ${messageOf(cause)}`, { cause });
  }
}

function report(folder: string, files: readonly ProjectFile[], findings: readonly Finding[], { ui }: CommandContext): void {
  if (ui.json) {
    ui.data({ folder, files: files.map((file) => file.name), findings });
    return;
  }
  const sorted = outcomes.flatMap((outcome) => findings.filter((finding) => finding.outcome === outcome));
  ui.table(["Outcome", "What", "Why"], sorted.map(({ outcome, what, why }) => [outcome, what, why]));
  ui.info(`wrote ${files.map((file) => file.name).join(", ")} to ${folder}`);
  ui.info(`next: cd ${folder} && npm install && npx repave preview`);
}
