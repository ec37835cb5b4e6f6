import { canonical } from "../resource-kind.ts";
import type { PlainMap } from "./values.ts";

/** The outputs for the engine to store: without those named inputs that are in them as they came in, which the state has with the inputs. */
export function withoutInputs(outputs: PlainMap, inputs: PlainMap, names: readonly string[]): PlainMap {
  return Object.fromEntries(Object.entries(outputs).filter(([name, value]) => !names.includes(name) || canonical(value) !== canonical(inputs[name])));
}

/** What was stored, whole again. States of older versions have everything in the outputs. */
export function withInputs(outputs: PlainMap, inputs: PlainMap, names: readonly string[]): PlainMap {
  const kept = names.filter((name) => !(name in outputs) && name in inputs).map((name) => [name, inputs[name]!] as const);
  return kept.length === 0 ? outputs : { ...outputs, ...Object.fromEntries(kept) };
}
