import * as pulumi from "@pulumi/pulumi";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import type { Deployed } from "./index.ts";

/** Gives people the message of an error of ours without the program's stack. */
export function plainly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RepaveError) throw new pulumi.RunError(textOf(error));
    throw error;
  }
}

/** Fails the update with one line; what depends on the deployment gets nothing instead of the same error again. */
export function failOnce(error: unknown, resource: pulumi.Resource): Deployed {
  if (!isEndOfRun(error)) void pulumi.log.error(textOf(error), resource);
  return { instances: [], urls: {}, errands: [] };
}

/** The engine is ending the run for another reason, and has said which: a question that was under way only fails with it. */
function isEndOfRun(error: unknown): boolean {
  return !(error instanceof RepaveError) && /client connection is closing|context canceled|\[(render|state)\.cancelled\]/.test(messageOf(error));
}

function textOf(error: unknown): string {
  if (error instanceof RepaveError) {
    const { frame } = error.details;
    return `${error.message} [${error.code}]${typeof frame === "string" ? `\n${frame}` : ""}${error.hint ? `\n  next: ${error.hint}` : ""}`;
  }
  // An error of the provider comes with the call's name in front and says the rest itself.
  return messageOf(error).replace(/^invocation of \S+ returned an error: /, "");
}
