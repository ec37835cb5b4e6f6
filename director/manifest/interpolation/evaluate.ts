import { RepaveError } from "../../core/errors.ts";
import { wrapError } from "../../core/wrap-error.ts";
import type { VariableDefinition } from "../../variables/definition.ts";
import { variableDefinitions } from "../../variables/definitions.ts";
import type { YamlValue } from "../../yaml/value.ts";
import { removeValue } from "./change.ts";
import { interpolate } from "./interpolate.ts";
import { VariableTracker } from "./variable-tracker.ts";

/** Where values come from, in the order in which they are asked. */
export interface VariableSource {
  /** Undefined when there is none; null is a value. */
  find(name: string): YamlValue | undefined;
  names(): Iterable<string>;
}

export interface EvaluateInput {
  /** A manifest, ops files applied. It stays as it is. */
  template: YamlValue;
  sources: readonly VariableSource[];
  /** Makes the value of a definition, so that one of the sources has it from then on. Without it nothing is generated. */
  generate?: (definition: VariableDefinition) => Promise<void>;
  /** Fail when a variable is missing. */
  expectAllFound?: boolean;
  /** Fail when a given variable is not used. */
  expectAllUsed?: boolean;
}

/**
 * What `bosh int` does to a manifest: generate what `variables` defines, in its order; interpolate; take the definitions that
 * have a value out of `variables`.
 *
 * @throws RepaveError `manifest.variable*` or `credential.*`.
 */
export async function evaluateTemplate({ template, sources, generate, expectAllFound, expectAllUsed }: EvaluateInput): Promise<YamlValue> {
  const definitions = variableDefinitions(template);
  const tracker = new VariableTracker({ definitions, sources, generates: generate !== undefined });
  for (const { name, type } of definitions) if (type !== "") await generated(tracker, name, generate);
  let result = interpolate(template, (name) => tracker.get(name));
  for (const name of foundDefinitions(tracker, definitions)) {
    result = removeValue(result, [
      { kind: "key", key: "variables", optional: false },
      { kind: "match", key: "name", value: name, optional: false, modifiers: [] },
    ]);
  }
  const problems = [...(expectAllFound ? listed("find", tracker.missing) : []), ...(expectAllUsed ? listed("use", unused(tracker, sources)) : [])];
  if (problems.length === 0) return result;
  throw new RepaveError("manifest.variables", problems.join("\n"), {
    details: { missing: expectAllFound ? [...tracker.missing].sort() : [], unused: expectAllUsed ? unused(tracker, sources) : [] },
  });
}

const definitionsStep = "Getting all variables from variable definitions sections";

async function generated(tracker: VariableTracker, name: string, generate: EvaluateInput["generate"]): Promise<void> {
  try {
    for (;;) {
      const definition = tracker.wanted(name);
      if (!definition || !generate) return;
      await generate(definition);
    }
  } catch (error) {
    throw wrapError(error, definitionsStep);
  }
}

function foundDefinitions(tracker: VariableTracker, definitions: readonly VariableDefinition[]): string[] {
  try {
    return definitions.flatMap(({ name }) => (tracker.get(name) === undefined ? [] : [name]));
  } catch (error) {
    throw wrapError(error, definitionsStep);
  }
}

function unused(tracker: VariableTracker, sources: readonly VariableSource[]): string[] {
  return [...new Set(sources.flatMap((source) => [...source.names()]))].filter((name) => !tracker.used.has(name)).sort();
}

function listed(verb: "find" | "use", names: Iterable<string>): string[] {
  const lines = [...names].sort().map((name) => `  ${name}`);
  return lines.length === 0 ? [] : [`Expected to ${verb} variables:\n${lines.join("\n")}`];
}
