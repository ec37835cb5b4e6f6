import { messageOf, RepaveError, type ErrorCode } from "../core/errors.ts";

export type YamlPath = readonly (string | number)[];

/** One thing wrong with what somebody wrote. */
export interface Issue {
  /** The Director's sentence, or ours where it has none. */
  readonly message: string;
  readonly code: ErrorCode;
  /** The Director's error number; absent for what only we check or what it raises without a number. */
  readonly directorCode?: number;
  readonly path: YamlPath;
  /** The path in the form `--path` and ops files take: `/instance_groups/name=web/jobs`. */
  readonly pointer: string;
  /** Which document: the manifest, the cloud config, a runtime config. */
  readonly document: string;
  readonly hint?: string;
}

export interface IssueOptions {
  directorCode?: number;
  code?: ErrorCode;
  hint?: string;
}

/** Gathers everything wrong with one document, so that a reader sees all of it at once. */
export class Report {
  readonly document: string;
  readonly issues: Issue[] = [];
  readonly warnings: string[] = [];
  readonly strict: boolean;
  private readonly root: unknown;
  private readonly code: ErrorCode;

  constructor(document: string, root: unknown, options: { strict?: boolean; code?: ErrorCode } = {}) {
    this.document = document;
    this.root = root;
    this.strict = options.strict ?? false;
    this.code = options.code ?? "manifest.invalid";
  }

  add(path: YamlPath, message: string, options: IssueOptions = {}): void {
    this.issues.push({
      message,
      code: options.code ?? this.code,
      ...(options.directorCode === undefined ? {} : { directorCode: options.directorCode }),
      path,
      pointer: pointerOf(this.root, path),
      document: this.document,
      ...(options.hint === undefined ? {} : { hint: options.hint }),
    });
  }

  warn(message: string): void {
    this.warnings.push(message);
  }
}

/** A path as ops files write it; items of lists are named by their `name` or `alias` where they have one. */
export function pointerOf(root: unknown, path: YamlPath): string {
  let here = root;
  let pointer = "";
  for (const step of path) {
    const next = typeof here === "object" && here !== null ? (here as Record<string | number, unknown>)[step] : undefined;
    pointer += `/${typeof step === "number" ? itemToken(next, step) : escape(step)}`;
    here = next;
  }
  return pointer === "" ? "/" : pointer;
}

function itemToken(item: unknown, index: number): string {
  for (const key of ["name", "alias"]) {
    const value = typeof item === "object" && item !== null ? (item as Record<string, unknown>)[key] : undefined;
    if (typeof value === "string" && value !== "") return `${key}=${escape(value)}`;
  }
  return String(index);
}

function escape(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll(":", "~7");
}

/** One error for all issues: the sentence itself if there is one, else the list of them. */
export function issuesError(what: string, issues: readonly Issue[]): RepaveError {
  const first = issues[0]!;
  const line = (issue: Issue): string => `${issue.message} (${issue.document} at ${issue.pointer})`;
  const message = issues.length === 1 ? line(first) : `${what} has ${issues.length} problems:\n${issues.map((issue) => `  - ${line(issue)}`).join("\n")}`;
  return new RepaveError(first.code, message, {
    details: { ...(first.directorCode === undefined ? {} : { directorCode: first.directorCode }), issues },
    ...(first.hint === undefined ? {} : { hint: first.hint }),
  });
}

export function throwIssues(what: string, issues: readonly Issue[]): void {
  if (issues.length > 0) throw issuesError(what, issues);
}

/** Runs a check that throws at its first finding and turns that into an issue. */
export function attempt<T>(path: YamlPath, report: Report, check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    const { details, hint } = error instanceof RepaveError ? error : { details: {} as Record<string, unknown>, hint: undefined };
    const directorCode = (details["directorCode"] ?? details["director"]) as number | undefined;
    report.add(path, messageOf(error), {
      ...(directorCode === undefined ? {} : { directorCode }),
      ...(hint === undefined ? {} : { hint }),
    });
    return undefined;
  }
}
