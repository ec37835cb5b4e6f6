import type { Issue } from "../spec/issues.ts";

/** One thing a plan lacks or that is wrong with what it was made from. */
export interface PlanProblem {
  readonly kind: "manifest" | "cloud-config" | "runtime-config" | "release" | "job" | "link" | "property" | "variable" | "placement";
  readonly message: string;
  readonly directorCode?: number;
  /** Where in the document, as ops files write paths. */
  readonly pointer?: string;
  readonly hint?: string;
}

/** Issues of a document as problems of a plan. */
export function problemsOf(kind: PlanProblem["kind"], issues: readonly Issue[]): PlanProblem[] {
  return issues.map((issue) => ({
    kind,
    message: issue.message,
    ...(issue.directorCode === undefined ? {} : { directorCode: issue.directorCode }),
    pointer: `${issue.document} ${issue.pointer}`,
    ...(issue.hint === undefined ? {} : { hint: issue.hint }),
  }));
}
