import { messageOf, RepaveError } from "../../director/core/errors.ts";

/** What people read of an error: what failed, why, what to do next; a stack only for what is a bug of ours. */
export function describeError(error: unknown): string[] {
  if (!(error instanceof RepaveError)) return [`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  const lines = [`error: ${error.message} [${error.code}]`];
  const { frame } = error.details;
  if (typeof frame === "string") lines.push(...frame.split("\n").map((line) => `  ${line}`));
  for (let cause = error.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) lines.push(`  because: ${messageOf(cause)}`);
  if (error.hint) lines.push(`  next: ${error.hint}`);
  return lines;
}
