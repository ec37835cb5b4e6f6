import { RepaveError } from "../director/core/errors.ts";

/** Exit codes, the same table as Pulumi's, since pipelines call both. */
export const exitCode = {
  ok: 0,
  error: 1,
  usage: 2,
  auth: 3,
  resource: 4,
  policy: 5,
  noStack: 6,
  changesFound: 7,
  cancelled: 8,
  timeout: 9,
  bug: 255,
} as const;

/** The exit code an error ends a command with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof RepaveError)) return exitCode.bug;
  switch (error.code) {
    case "cli.usage":
      return exitCode.usage;
    case "state.no-stack":
      return exitCode.noStack;
    case "state.cancelled":
      return exitCode.cancelled;
    default:
      return exitCode.error;
  }
}

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
