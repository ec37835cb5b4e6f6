import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { parseOpsFile, type Operation } from "../../director/manifest/interpolation/index.ts";
import { parseVariables, type VariableValues } from "../../director/variables/sources.ts";
import { emitYaml, fromPlain, isMap, parseYaml, type YamlDocument, type YamlValue } from "../../director/yaml/index.ts";

/** A file; a relative path starts at the project's folder, where Pulumi.yaml is. */
export interface FileSource {
  file: string;
}

/** A BOSH document: an object, YAML text, or a file. */
export type DocumentSource = Record<string, unknown> | string | FileSource;

/** Operations: an ops file, its text, one operation or a list of them. */
export type OpsSource = FileSource | string | Record<string, unknown> | readonly Record<string, unknown>[];

export interface ReadDocument {
  value: YamlValue;
  /** With its places, where it was text. */
  written?: { file: string; document: YamlDocument };
}

/** @throws RepaveError `manifest.file`, or `manifest.yaml*` with file, line and a code frame */
export function readDocument(source: DocumentSource, what: string): ReadDocument {
  if (!isFile(source) && typeof source !== "string") return { value: fromPlain(source) };
  const { name, content } = isFile(source) ? readContent(source.file, what) : { name: what, content: source };
  const document = parseYaml(content, { file: name });
  if (typeof source === "string" && typeof document.value === "string") {
    throw new RepaveError("manifest.invalid", `The ${what} is the text '${source}', which is no document`, { hint: `a file is given as { file: ${JSON.stringify(source)} }` });
  }
  return { value: document.value, written: { file: name, document } };
}

export function readOperations(source: OpsSource, what: string): Operation[] {
  if (isFile(source)) {
    const { name, content } = readContent(source.file, what);
    return parseOpsFile(content, { file: name });
  }
  return parseOpsFile(typeof source === "string" ? source : emitYaml(fromPlain([source].flat())), { file: what });
}

/** Reads a map of variables; what it holds is never shown. */
export function readVariableValues(source: DocumentSource, what: string): VariableValues {
  if (isFile(source)) {
    const { name, content } = readContent(source.file, what);
    return parseVariables(content, { file: name });
  }
  if (typeof source === "string") return parseVariables(source, { file: what });
  const value = fromPlain(source);
  return isMap(value) ? new Map([...value].map(([key, item]) => [String(key), item])) : new Map();
}

export function isFile(source: unknown): source is FileSource {
  if (typeof source !== "object" || source === null) return false;
  const entries = Object.entries(source);
  return entries.length === 1 && entries[0]![0] === "file" && typeof entries[0]![1] === "string";
}

/** Where a path of the program's arguments is. */
export function projectPath(file: string): string {
  return path.resolve(projectFolder(), file);
}

function projectFolder(): string {
  const told = pulumi.getRootDirectory();
  // an inline run is told a placeholder
  if (path.isAbsolute(told)) return told;
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "Pulumi.yaml"))) return folder;
    if (folder === path.dirname(folder)) return process.cwd();
  }
}

function readContent(file: string, what: string): { name: string; content: Buffer } {
  try {
    return { name: file, content: readFileSync(projectPath(file)) };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : messageOf(cause);
    throw new RepaveError("manifest.file", `The ${what} '${file}' can't be read: ${why}`, { cause, details: { file }, hint: `looked at ${projectPath(file)}` });
  }
}
