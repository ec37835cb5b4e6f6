import { RepaveError } from "../core/errors.ts";
import { sourceFrame, type SourcePlace, sourcePosition } from "./source-frame.ts";

export interface YamlProblem extends SourcePlace {
  problem: string;
}

/** A syntax error with file, line, column and a code frame (`details.frame`). */
export function yamlError({ problem, ...place }: YamlProblem): RepaveError {
  const { file, text, offset } = place;
  const { line, column } = sourcePosition(text, offset);
  return new RepaveError("manifest.yaml", `yaml: line ${line}: ${problem}`, {
    details: { file, line, column, frame: sourceFrame(place) },
  });
}

/** Values that parsed but have the wrong type; their lines stand in the message. `place` is that of the first. */
export function yamlTypeError(place: SourcePlace | undefined, issues: readonly string[]): RepaveError {
  return new RepaveError("manifest.yaml-type", `yaml: unmarshal errors:\n${issues.map((issue) => `  ${issue}`).join("\n")}`, {
    details: place && { file: place.file, frame: sourceFrame({ ...place, before: 0 }) },
  });
}
