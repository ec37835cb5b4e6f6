import { RepaveError } from "../../core/errors.ts";
import { sourceFrame, type SourcePlace } from "../../yaml/source-frame.ts";
import { equalValues, type YamlValue } from "../../yaml/value.ts";
import { replaceValue, removeValue } from "./change.ts";
import { copyValue, rewrittenCopy } from "./copy.ts";
import { findValue } from "./find.ts";
import { formatPath, type OpsPath } from "./path.ts";

/** One entry of an ops file, checked. */
export type Operation = (
  | { type: "replace"; path: OpsPath; value: YamlValue }
  | { type: "remove"; path: OpsPath }
  | { type: "test"; path: OpsPath; value: YamlValue; absent: boolean }
) & {
  /** `operation [0] in FILE failed`, what error texts begin with. */
  title?: string;
  place?: SourcePlace;
};

/**
 * Applies operations in order. The document and the operations stay as they are; the result shares nothing with either.
 *
 * @throws RepaveError of family `ops.*` that names the operation and its file, with a code frame (`details.frame`).
 */
export function applyOps(document: YamlValue, operations: readonly Operation[]): YamlValue {
  let result = copyValue(document);
  for (const operation of operations) {
    try {
      result = applyOne(result, operation);
    } catch (error) {
      throw described(error, operation);
    }
  }
  return result;
}

function applyOne(document: YamlValue, operation: Operation): YamlValue {
  switch (operation.type) {
    case "replace":
      return replaceValue(document, operation.path, rewrittenCopy(operation.value));
    case "remove":
      return removeValue(document, operation.path);
    case "test":
      testValue(document, operation);
      return document;
  }
}

function testValue(document: YamlValue, { path, value, absent }: Extract<Operation, { type: "test" }>): void {
  if (absent) return testAbsence(document, path);
  if (!equalValues(findValue(document, path), value)) throw new RepaveError("ops.test", "Found value does not match expected value");
}

function testAbsence(document: YamlValue, path: OpsPath): void {
  try {
    findValue(document, path);
  } catch (error) {
    const missing = error instanceof RepaveError && (error.code === "ops.missing-key" || error.code === "ops.missing-index");
    if (missing && error.details["path"] === formatPath(path)) return;
    throw error;
  }
  throw new RepaveError("ops.test", `Expected to not find '${formatPath(path)}'`);
}

function described(error: unknown, { title, place, path, type }: Operation): unknown {
  if (!(error instanceof RepaveError)) return error;
  const message = title === undefined ? error.message : `Error '${title}': ${error.message}`;
  const details = { ...error.details, file: place?.file, operation: `${type} ${formatPath(path)}`, frame: place && sourceFrame(place) };
  return new RepaveError(error.code, message, { details });
}
