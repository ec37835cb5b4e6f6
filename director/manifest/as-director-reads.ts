import { psychScalar } from "../templates/psych-scalar.ts";
import { floatText } from "../yaml/float-text.ts";
import { compareKeys } from "../yaml/key-order.ts";
import { IntegralFloat, isMap, type YamlValue } from "../yaml/value.ts";

/**
 * A manifest as the Director gets it, for BOSH's CLI writes it anew: keys in the CLI's order, which templates see in maps inside lists, and
 * floats as its writer and the Director's reader make them (`1.0` becomes the integer 1, `1e6` the text `1e+06`).
 */
export function asDirectorReads(value: YamlValue): YamlValue {
  if (value instanceof IntegralFloat) {
    const read = psychScalar(floatText(value.value));
    return typeof read === "number" || typeof read === "string" ? read : value;
  }
  if (Array.isArray(value)) return value.map(asDirectorReads);
  if (!isMap(value)) return value;
  return new Map([...value.keys()].sort(compareKeys).map((key) => [key, asDirectorReads(value.get(key) as YamlValue)]));
}
