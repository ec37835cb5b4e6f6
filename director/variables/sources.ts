import { RepaveError } from "../core/errors.ts";
import { wrapError } from "../core/wrap-error.ts";
import { textFromBytes } from "../yaml/bytes.ts";
import { Decoder } from "../yaml/decode.ts";
import { composeYaml, parseYaml } from "../yaml/parse.ts";
import { isMap, type YamlMap, type YamlValue } from "../yaml/value.ts";

/** Variables by name, as one file, flag or environment gives them. Names may have dots (see `nestDotted`). */
export type VariableValues = Map<string, YamlValue>;

/** Reads a vars file or a vars store: a map from names to values. An empty text has none. @throws RepaveError `manifest.yaml*`. */
export function parseVariables(input: string | Uint8Array, { file }: { file: string }): VariableValues {
  const { source, root } = composeYaml(input, { file, secret: true });
  const values: VariableValues = new Map();
  if (root === undefined) return values;
  const decoder = new Decoder(source);
  if (decoder.isNull(root)) return values;
  decoder.fields(root, "a map of variables", (name, node) => values.set(name, decoder.value(node)));
  decoder.finish();
  return values;
}

/** `-v name=value`: YAML where that is more than a text; a text is taken as written, without one pair of quotes around it. */
export function parseVariableFlag(argument: string): [name: string, value: YamlValue] {
  const [name, text] = splitFlag(argument, "value");
  let value: YamlValue;
  try {
    ({ value } = parseYaml(text, { secret: true }));
  } catch (error) {
    throw wrapError(error, `Deserializing variables '${name}=<redacted>'`);
  }
  return [name, typeof value === "string" ? withoutQuotes(text) : value];
}

/** `--var-file name=path`. */
export function parseVariableFileFlag(argument: string): [name: string, path: string] {
  return splitFlag(argument, "path");
}

/** The content of such a file: text, byte for byte. */
export function variableFileValue(content: Uint8Array): YamlValue {
  return textFromBytes(content);
}

function splitFlag(argument: string, what: "value" | "path"): [string, string] {
  const at = argument.indexOf("=");
  // the whole argument may be a credential, so only its name is shown
  const usage = (problem: string) => new RepaveError("cli.usage", `Expected var '${at < 0 ? argument : argument.slice(0, at)}' ${problem}`);
  if (at < 0) throw usage(`to be in format 'name=${what}'`);
  if (at === 0) throw usage("to specify non-empty name");
  if (at === argument.length - 1) throw usage(`to specify non-empty ${what}`);
  return [argument.slice(0, at), argument.slice(at + 1)];
}

function withoutQuotes(text: string): string {
  const first = text.charAt(0);
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first);
  return quoted ? text.slice(1, -1) : text;
}

/** `--vars-env PREFIX`: the variables `PREFIX_name`, each value read as YAML. */
export function environmentVariables(prefix: string, environment: Readonly<Record<string, string | undefined>>): VariableValues {
  if (prefix === "") throw new RepaveError("cli.usage", "Expected environment variable prefix to be non-empty");
  const values: VariableValues = new Map();
  for (const [key, text] of Object.entries(environment)) {
    if (text === undefined || !key.startsWith(`${prefix}_`)) continue;
    try {
      values.set(key.slice(prefix.length + 1), parseYaml(text, { secret: true }).value);
    } catch (error) {
      throw wrapError(error, `Deserializing YAML from environment variable '${key}'`);
    }
  }
  return values;
}

/**
 * Variables with names like `a.b` become maps: `a: {b: ...}`. They cannot go into a value that is no map.
 *
 * @throws RepaveError `credential.name`.
 */
export function nestDotted(values: VariableValues): VariableValues {
  const nested: VariableValues = new Map();
  for (const [name, value] of values) if (!name.includes(".")) nested.set(name, value);
  for (const [name, value] of values) if (name.includes(".")) nest(nested as YamlMap, name, value);
  return nested;
}

function nest(root: YamlMap, name: string, value: YamlValue): void {
  const keys = name.split(".");
  const last = keys.pop() as string;
  let map = root;
  for (const key of keys) {
    // a copy, since the map may belong to a value that someone else holds
    const known = map.get(key);
    if (known !== undefined && !isMap(known)) {
      throw new RepaveError("credential.name", `Expected variable '${name}' not to go into '${key}', which has a value that is no map`);
    }
    const next: YamlMap = new Map(known);
    map.set(key, next);
    map = next;
  }
  map.set(last, value);
}
