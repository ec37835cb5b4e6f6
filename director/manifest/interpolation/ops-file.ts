import { messageOf, RepaveError } from "../../core/errors.ts";
import { Decoder } from "../../yaml/decode.ts";
import type { YamlNode } from "../../yaml/nodes.ts";
import { composeYaml } from "../../yaml/parse.ts";
import { sourceFrame, type SourcePlace } from "../../yaml/source-frame.ts";
import type { YamlValue } from "../../yaml/value.ts";
import type { Operation } from "./ops.ts";
import { parsePath } from "./path.ts";

/** An entry as written; what is missing or null is undefined. */
interface OperationEntry {
  type: string;
  path?: string;
  value?: YamlValue;
  absent?: boolean;
  place: SourcePlace;
}

/**
 * Reads an ops file: a YAML list of `{type: replace | remove | test, path, value, absent}`. An empty file has no operations.
 *
 * @throws RepaveError `manifest.yaml`, `manifest.yaml-type` or `ops.definition`, with file, line and a code frame.
 */
export function parseOpsFile(input: string | Uint8Array, { file = "" }: { file?: string } = {}): Operation[] {
  return readEntries(input, file).map((entry, i) => operation(entry, i, file));
}

function readEntries(input: string | Uint8Array, file: string): OperationEntry[] {
  const { source, root } = composeYaml(input, { file });
  if (root === undefined) return [];
  const decoder = new Decoder(source);
  const entries: OperationEntry[] = [];
  const list = root.kind === "alias" ? root.target : root;
  if (list.kind === "sequence") for (const item of list.items) readEntry(decoder, item, { ...source, offset: item.start, before: 0 }, entries);
  else if (!decoder.isNull(list)) decoder.mismatch(list, "a list of operations");
  decoder.finish();
  return entries;
}

function readEntry(decoder: Decoder, item: YamlNode, place: SourcePlace, entries: OperationEntry[]): void {
  const entry: OperationEntry = { type: "", place };
  entries.push(entry);
  if (decoder.isNull(item)) return;
  decoder.fields(item, "an operation", (name, node) => {
    const absent = decoder.isUnset(node);
    if (name === "type") entry.type = decoder.text(node) ?? "";
    if (name === "error") decoder.text(node);
    if (name === "path") entry.path = absent ? undefined : decoder.text(node);
    if (name === "value") entry.value = absent ? undefined : readValue(decoder, node);
    if (name === "absent") entry.absent = absent ? undefined : decoder.isNull(node) ? false : decoder.flag(node, "bool");
  });
}

/** BOSH's reader mistakes the quoted texts "null" and "~" for a missing value and then refuses their type. */
function readValue(decoder: Decoder, node: YamlNode): YamlValue | undefined {
  const target = node.kind === "alias" ? node.target : node;
  if (target.kind === "scalar" && target.tag === "" && (target.text === "null" || target.text === "~")) return decoder.mismatch(target, "a value");
  return decoder.value(node);
}

function operation(entry: OperationEntry, index: number, file: string): Operation {
  const { type, path, value, absent, place } = entry;
  const name = type.charAt(0).toUpperCase() + type.slice(1);
  const common = { title: `operation [${index}] in ${file} failed`, place };
  if (type !== "replace" && type !== "remove" && type !== "test") throw refused(entry, file, `Unknown operation [${index}] with type '${type}'`);
  const fail = (problem: string) => refused(entry, file, `${name} operation [${index}]: ${problem}`);
  if (path === undefined) throw fail("Missing path");
  if (type === "replace" && value === undefined) throw fail("Missing value");
  if (type === "remove" && value !== undefined) throw fail("Cannot specify value");
  if (type === "test" && value === undefined && absent === undefined) throw fail("Missing value or absent");
  let tokens: ReturnType<typeof parsePath>;
  try {
    tokens = parsePath(path);
  } catch (error) {
    throw fail(`Invalid path: ${messageOf(error)}`);
  }
  if (type === "remove") return { type, path: tokens, ...common };
  if (type === "replace") return { type, path: tokens, value: value as YamlValue, ...common };
  return { type, path: tokens, value: value ?? null, absent: absent ?? false, ...common };
}

/** The entry is shown with its value hidden, which may be a credential. */
function refused({ type, path, value, absent, place }: OperationEntry, file: string, problem: string): RepaveError {
  const shown = { Type: type || undefined, Path: path, Value: value === undefined ? undefined : "<redacted>", Absent: absent };
  return new RepaveError("ops.definition", `Building ops: ${problem} within\n${JSON.stringify(shown, null, 2)}`, {
    details: { file, frame: sourceFrame(place) },
  });
}
