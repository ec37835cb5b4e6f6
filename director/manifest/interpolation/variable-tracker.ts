import { RepaveError } from "../../core/errors.ts";
import { wrapError } from "../../core/wrap-error.ts";
import type { VariableDefinition } from "../../variables/definition.ts";
import { isMap, type YamlValue } from "../../yaml/value.ts";
import type { VariableSource } from "./evaluate.ts";
import { interpolate } from "./interpolate.ts";

/** Ends a lookup that cannot go on before this definition has a value. */
class Ungenerated {
  readonly definition: VariableDefinition;

  constructor(definition: VariableDefinition) {
    this.definition = definition;
  }
}

export interface TrackerInput {
  definitions: readonly VariableDefinition[];
  sources: readonly VariableSource[];
  /** Whether definitions with a type get a value when they have none. */
  generates: boolean;
}

/** Finds variables, with the options of their definitions interpolated, and remembers which were asked for and which missed. */
export class VariableTracker {
  readonly missing = new Set<string>();
  readonly used = new Set<string>();
  private readonly definitions = new Map<string, VariableDefinition>();
  private readonly input: TrackerInput;

  constructor(input: TrackerInput) {
    this.input = input;
    for (const definition of input.definitions) if (!this.definitions.has(definition.name)) this.definitions.set(definition.name, { ...definition });
  }

  get(name: string): YamlValue | undefined {
    this.used.add(name);
    return this.find(name, new Set(), this.missing);
  }

  /** What has to be generated next before this variable can be found; undefined when nothing has to. */
  wanted(name: string): VariableDefinition | undefined {
    try {
      this.get(name);
      return undefined;
    } catch (error) {
      if (error instanceof Ungenerated) return error.definition;
      throw error;
    }
  }

  private find(name: string, parents: ReadonlySet<string>, missing: Set<string>): YamlValue | undefined {
    if (parents.has(name)) throw new RepaveError("manifest.variable-recursion", "Detected recursion", { details: { variable: name } });
    const definition = this.definitions.get(name) ?? { name, type: "", options: null };
    const options = this.options(definition, new Set([...parents, name]));
    if (options === undefined) return undefined;
    for (const source of this.input.sources) {
      const value = source.find(name);
      if (value !== undefined) return value;
    }
    if (definition.type !== "" && this.input.generates) throw new Ungenerated({ ...definition, options });
    missing.add(name);
    return undefined;
  }

  /** The interpolated options; undefined when one of their variables is missing. */
  private options(definition: VariableDefinition, parents: ReadonlySet<string>): YamlValue | undefined {
    if (definition.options === null) return null;
    const missing = new Set<string>();
    try {
      const options = interpolate(definition.options, (name) => this.find(name, parents, missing));
      // BOSH interpolates maps and lists in place, so a second look starts from the first one's result
      if (isMap(definition.options) || Array.isArray(definition.options)) definition.options = options;
      return missing.size === 0 ? options : undefined;
    } catch (error) {
      throw wrapError(error, `Interpolating variable '${definition.name}' definition options`);
    }
  }
}
