import type { VariableSource } from "../../director/manifest/interpolation/evaluate.ts";
import {
  environmentVariables,
  nestDotted,
  parseVariableFileFlag,
  parseVariableFlag,
  parseVariables,
  variableFileValue,
  type VariableValues,
} from "../../director/variables/sources.ts";
import { wrapError } from "../../director/core/wrap-error.ts";

/** The flags of `interpolate`. */
export interface InterpolateOptions {
  opsFile?: string[];
  var?: string[];
  varFile?: string[];
  varsFile?: string[];
  varsEnv?: string[];
  varsStore?: string;
  path?: string;
  varErrs?: boolean;
  varErrsUnused?: boolean;
}

interface Files {
  env: NodeJS.ProcessEnv;
  /** Reads a file; the step stands before the text of an error. */
  read(file: string, step: string): Promise<Buffer>;
  expand(file: string): string;
}

/** All variables that flags and files give: environment, then vars files, then `--var-file`, then `-v`; the last one wins. */
export async function staticVariables(options: InterpolateOptions, { env, read, expand }: Files): Promise<VariableSource> {
  const all: VariableValues = new Map();
  const add = (values: VariableValues): void => values.forEach((value, name) => all.set(name, value));
  for (const prefix of options.varsEnv ?? []) add(environmentVariables(prefix, env));
  for (const file of options.varsFile ?? []) add(variablesOf(await read(file, `Reading variables file '${file}'`), file));
  for (const flag of options.varFile ?? []) {
    const [name, path] = parseVariableFileFlag(flag);
    const file = expand(path);
    all.set(name, variableFileValue(await read(file, `Reading variable from file '${file}'`)));
  }
  for (const flag of options.var ?? []) all.set(...parseVariableFlag(flag));
  const values = nestDotted(all);
  return { find: (name) => values.get(name), names: () => values.keys() };
}

function variablesOf(content: Buffer, file: string): VariableValues {
  try {
    return parseVariables(content, { file });
  } catch (error) {
    throw wrapError(error, `Deserializing variables file '${file}'`);
  }
}
