import { RepaveError } from "./errors.ts";

/** The same error with the step that failed before its text; what is no `RepaveError` is a bug and passes as it is. */
export function wrapError(error: unknown, step: string, details: Record<string, unknown> = {}): unknown {
  if (!(error instanceof RepaveError)) return error;
  return new RepaveError(error.code, `${step}: ${error.message}`, { details: { ...details, ...error.details }, hint: error.hint, cause: error.cause });
}
