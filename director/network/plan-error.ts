import { RepaveError, type RepaveErrorOptions } from "../core/errors.ts";

/** A planning error that carries the Director's own error number, if it has one, since operators search for it. */
export function planError(
  code: `plan.${string}`,
  director: number | undefined,
  message: string,
  options: RepaveErrorOptions = {},
): RepaveError {
  return new RepaveError(code, message, { ...options, details: { ...(director === undefined ? {} : { director }), ...options.details } });
}
