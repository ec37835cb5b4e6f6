import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Command as Commander } from "commander";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { applyOps, interpolate, parseOpsFile, referencesOf, splitReference } from "../../director/manifest/interpolation/index.ts";
import { variableDefinitions } from "../../director/variables/definitions.ts";
import { parseYaml, toPlain, type PlainValue, type YamlValue } from "../../director/yaml/index.ts";
import { VarsStore } from "../../provider/variables/vars-store.ts";
import type { CommandContext } from "../command.ts";
import type { WrittenDocument } from "../../director/manifest/positions.ts";
import { staticVariables, type InterpolateOptions } from "./interpolate-variables.ts";

/** Flags of the commands that read a manifest together with its ops files, variables and configs. */
export interface ManifestSourceOptions extends Pick<InterpolateOptions, "opsFile" | "var" | "varFile" | "varsFile" | "varsEnv" | "varsStore"> {
  cloudConfig?: string[];
  runtimeConfig?: string[];
  strict?: boolean;
}

const repeatable = (value: string, previous: string[] = []): string[] => [...previous, value];

export function defineManifestSource(command: Commander): void {
  command.argument("<manifest>", "file of the manifest; - for standard input");
  defineManifestOptions(command);
}

/** The flags without the manifest's argument. */
export function defineManifestOptions(command: Commander): void {
  command
    .option("-o, --ops-file <path>", "apply an ops file; repeatable, in order", repeatable)
    .option("-v, --var <name=value>", "set a variable; repeatable", repeatable)
    .option("--var-file <name=path>", "set a variable to the content of a file; repeatable", repeatable)
    .option("-l, --vars-file <path>", "load variables from a YAML file; repeatable", repeatable)
    .option("--vars-env <prefix>", "load variables from the environment; repeatable", repeatable)
    .option("--vars-store <path>", "read variables from a store; nothing is generated")
    .option("--cloud-config <path>", "file of a cloud config; repeatable, they are merged", repeatable)
    .option("--runtime-config <path>", "file of a runtime config; repeatable", repeatable)
    .option("--strict", "also refuse keys nobody knows");
}

export interface ManifestSource {
  /** The manifest after ops and variables; definitions stay in `variables` also where a value was given. */
  manifest: PlainValue;
  /** Variables that are referred to, but neither given nor defined. */
  undefinedVariables: string[];
  cloudConfigs: PlainValue[];
  runtimeConfigs: PlainValue[];
  /** Where issues of the manifest, and of a single cloud config, were written. */
  written: { manifest: WrittenDocument; cloudConfig?: WrittenDocument };
}

/** Reads a manifest and its configs, applies ops files and puts variables in. Writes nothing. */
export async function readManifestSource(file: string, options: ManifestSourceOptions, context: CommandContext): Promise<ManifestSource> {
  const expand = (name: string): string => path.resolve(context.cwd, name.replace(/^~(?=\/|$)/, () => context.env["HOME"] ?? homedir()));
  const bytes = (name: string, what: string): Promise<Buffer> => readFileOf(expand(name), name, what);
  const operations = [];
  for (const name of options.opsFile ?? []) operations.push(...parseOpsFile(await bytes(name, "ops file"), { file: name }));
  const given = await staticVariables(options, { env: context.env, read: (name) => bytes(name, "variables file"), expand });
  const store = options.varsStore === undefined ? undefined : await VarsStore.open(expand(options.varsStore));
  const lookup = (name: string): YamlValue | undefined => given.find(name) ?? store?.find(name);

  const content = file === "-" ? await streamOf(context.stdin) : await bytes(file, "manifest");
  const document = parseYaml(content, { file });
  const template = applyOps(document.value, operations);
  const value = interpolate(template, lookup);
  const defined = new Set(variableDefinitions(template).map((definition) => definition.name));
  const roots = new Set(referencesOf(value).map((name) => splitReference(name).root));
  const config = async (name: string, what: string): Promise<WrittenDocument> => {
    const written = parseYaml(await bytes(name, what), { file: name });
    return { file: name, document: written, value: toPlain(interpolate(written.value, lookup)) };
  };
  const cloudConfigs = await Promise.all((options.cloudConfig ?? []).map((name) => config(name, "cloud config")));
  const runtimeConfigs = await Promise.all((options.runtimeConfig ?? []).map((name) => config(name, "runtime config")));
  const manifest = toPlain(value);
  return {
    manifest,
    undefinedVariables: [...roots].filter((name) => !defined.has(name)).sort(),
    cloudConfigs: cloudConfigs.map((item) => item.value),
    runtimeConfigs: runtimeConfigs.map((item) => item.value),
    // a merged cloud config has places in several files
    written: { manifest: { file, document, value: manifest }, ...(cloudConfigs.length === 1 ? { cloudConfig: cloudConfigs[0]! } : {}) },
  };
}

async function readFileOf(at: string, name: string, what: string): Promise<Buffer> {
  try {
    return await readFile(at);
  } catch (cause) {
    throw new RepaveError("cli.file", `The ${what} '${name}' can't be read: ${messageOf(cause)}`, { cause });
  }
}

async function streamOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
