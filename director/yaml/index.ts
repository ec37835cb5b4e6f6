/** YAML as BOSH's CLI reads and writes it. */
export { emitYaml } from "./emit.ts";
export { parseYaml, YamlDocument, type YamlSource } from "./parse.ts";
export type { SourcePosition } from "./source-frame.ts";
export { equalValues, floatValue, fromPlain, IntegralFloat, isMap, type PlainValue, toPlain, type YamlMap, type YamlValue } from "./value.ts";
