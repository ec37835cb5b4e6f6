import { IaasError, messageOf } from "../../director/core/errors.ts";

/** An error of the local IaaS. `code` becomes `iaas.local-<code>`. */
export function localError(
  code: string,
  method: string,
  message: string,
  options: { details?: Record<string, unknown>; hint?: string; cause?: unknown; retryable?: boolean } = {},
): IaasError {
  return new IaasError(`iaas.local-${code}`, message, { ...options, method });
}

interface Symptom {
  pattern: RegExp;
  code: string;
  hint: string;
}

const symptoms: Symptom[] = [
  { pattern: /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/i, code: "disk-full", hint: "free space in the state folder's file system, then run the same command again" },
  {
    pattern: /unshare failed: (Operation not permitted|No space left|Invalid argument)|cannot open .*uid_map|write.*uid_map/i,
    code: "no-namespaces",
    hint: "this user may not create namespaces: `repave doctor` names the setting to change",
  },
  { pattern: /mount.*(permission denied|Operation not permitted)|only root can/i, code: "no-mounts", hint: "mounting is not permitted in a user namespace here: `repave doctor` names the setting to change" },
  { pattern: /spawn (\S+) ENOENT|(\S+): not found/i, code: "missing-tool", hint: "install util-linux and iproute2 (`apt-get install util-linux iproute2`)" },
  { pattern: /Cannot allocate memory|ENOMEM|Resource temporarily unavailable|EAGAIN/i, code: "no-memory", hint: "free memory or raise the process limit (`ulimit -u`)" },
];

/** Wraps a failure of a step into an error that names the cause's remedy, when its text is one we know. */
export function explain(method: string, what: string, cause: unknown, output = ""): IaasError {
  if (cause instanceof IaasError) return cause;
  const text = `${output}\n${messageOf(cause)}`;
  // ENOSPC from unshare means "too many namespaces", so namespaces are looked at first
  const found = /unshare failed/.test(text) ? symptoms[1] : symptoms.find((s) => s.pattern.test(text));
  const tail = output.trim().split("\n").slice(-3).join("; ");
  return localError(found?.code ?? "failed", method, tail === "" ? `${what}: ${messageOf(cause)}` : `${what}: ${tail}`, {
    hint: found?.hint,
    cause,
    retryable: found?.code === "no-memory",
  });
}
