import { RepaveError } from "../../director/core/errors.ts";
import type { VariableSpec } from "../../director/spec/deployment.ts";
import { toPlain, type PlainValue } from "../../director/yaml/index.ts";
import { importProblem } from "../../provider/resources/variable.ts";
import { readVariableValues } from "./read.ts";

export interface TakenOver {
  /** Values of defined variables, which their resources take instead of generating one. */
  imported: ReadonlyMap<string, PlainValue>;
  /** Values that no definition of a type we generate stands for. */
  rest: ReadonlyMap<string, PlainValue>;
}

/**
 * Reads a `bosh` vars store for a deployment. Values given as variables win over it, as they do for `bosh`.
 *
 * @throws RepaveError `credential.store` with every value that is not of its variable's type; values are never shown
 */
export function readVarsStore(file: string, definitions: readonly VariableSpec[], given: (name: string) => boolean): TakenOver {
  const values = readVariableValues({ file }, "vars store");
  const types = new Map(definitions.map((definition) => [definition.name, definition.type]));
  const imported = new Map<string, PlainValue>();
  const rest = new Map<string, PlainValue>();
  const problems: string[] = [];
  for (const [name, value] of values) {
    if (given(name)) continue;
    const plain = toPlain(value);
    const problem = importProblem(types.get(name) ?? "", plain);
    if (problem === "unknown type") rest.set(name, plain);
    else if (problem === undefined) imported.set(name, plain);
    else problems.push(`'${name}' is no ${types.get(name)}: ${problem}`);
  }
  if (problems.length > 0) {
    throw new RepaveError("credential.store", `The vars store '${file}' does not fit the manifest: ${problems.join("; ")}`, {
      details: { file, problems },
      hint: "take these out of the store to have new ones generated",
    });
  }
  return { imported, rest };
}
