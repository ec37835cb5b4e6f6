/**
 * Every code an error of ours can carry, grouped by the part that raises it.
 * Codes are stable: pipelines match on them.
 */
export type ErrorCode =
  | `manifest.${string}`
  | `ops.${string}`
  | `plan.${string}`
  | `iaas.${string}`
  | `agent.${string}`
  | `release.${string}`
  | `render.${string}`
  | `link.${string}`
  | `dns.${string}`
  | `credential.${string}`
  | `state.${string}`
  | `cli.${string}`
  | `setup.${string}`;

export interface RepaveErrorOptions {
  /** Machine-readable facts: names, ids, paths, found and expected values. Never secrets. */
  details?: Record<string, unknown>;
  /** What the reader can do next, as a sentence or a command. */
  hint?: string;
  cause?: unknown;
}

/**
 * The one error type meant for people. Anything else that reaches the top is a bug and is shown with its stack.
 *
 * @example
 * throw new RepaveError("manifest.unknown-group", "Instance group 'webb' is not in deployment 'cf'", {
 *   details: { group: "webb", known: ["web"] },
 *   hint: "did you mean 'web'?",
 * });
 */
export class RepaveError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: RepaveErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RepaveError";
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
  }
}

/** An error of an IaaS adapter: says which call failed and whether the same call may be tried again. */
export class IaasError extends RepaveError {
  readonly retryable: boolean;
  readonly method: string;

  constructor(code: `iaas.${string}`, message: string, options: RepaveErrorOptions & { method: string; retryable?: boolean }) {
    super(code, message, options);
    this.name = "IaasError";
    this.method = options.method;
    this.retryable = options.retryable ?? false;
  }
}

/** The text of any thrown value, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
