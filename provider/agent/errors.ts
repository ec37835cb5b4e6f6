import { RepaveError, type RepaveErrorOptions } from "../../director/core/errors.ts";

/** Who was asked for what, for every error of an agent call. */
export interface CallContext {
  /** The instance as people know it: `router/0`. */
  instance: string;
  /** The protocol's word for the step: `apply`, `run_script pre-start`. */
  step: string;
}

export function agentError(code: `agent.${string}`, { instance, step }: CallContext, text: string, options: RepaveErrorOptions = {}): RepaveError {
  return new RepaveError(code, `Instance '${instance}': ${step}: ${text}`, {
    ...options,
    details: { instance, step, ...options.details },
  });
}

/** The connection or the request failed in a way that may pass: refused, reset, timed out, HTTP 5xx. */
export class TransportError extends Error {
  /** False: the agent can't have seen the request, so even a step that must not run twice may be sent again. */
  readonly maybeReceived: boolean;

  constructor(message: string, options: { maybeReceived: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "TransportError";
    this.maybeReceived = options.maybeReceived;
  }
}

const CERTIFICATE_CODES = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "INVALID_CA",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Whether the agent showed a certificate that the environment's CA does not vouch for: no retry helps. */
export function isCertificateError(error: unknown): boolean {
  return CERTIFICATE_CODES.has((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}
