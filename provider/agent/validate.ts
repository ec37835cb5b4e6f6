import { X509Certificate, createPrivateKey } from "node:crypto";
import type { z } from "zod";
import type { ApplySpec, UpdateSettings } from "../../director/protocol/index.ts";
import { applySpecSchema, updateSettingsSchema } from "../../director/protocol/schemas.ts";
import { agentError, type CallContext } from "./errors.ts";

/** Throws `agent.invalid-request` naming every field that is wrong: some of them would end the agent's process. */
export function checkSpec(spec: ApplySpec, context: CallContext, knownNetworks?: readonly string[]): ApplySpec {
  const checked = check(applySpecSchema, spec, context);
  const unknown = Object.keys(checked.networks).filter((name) => knownNetworks !== undefined && !knownNetworks.includes(name));
  if (unknown.length > 0) {
    throw agentError("agent.invalid-request", context, `networks '${unknown.join("', '")}' are not networks of the VM`, {
      details: { unknown, known: knownNetworks },
    });
  }
  return checked;
}

/** Also checks that key and certificate belong together: the agent would restart and never answer again. */
export function checkUpdateSettings(settings: UpdateSettings, context: CallContext): UpdateSettings {
  const checked = check(updateSettingsSchema, settings, context);
  const cert = checked.mbus?.cert;
  if (cert === undefined) return checked;
  const fail = (text: string) => agentError("agent.invalid-request", context, `mbus.cert: ${text}`);
  if (!cert.ca) throw fail("'ca' is empty: the agent would ignore the pair");
  if (!cert.certificate || !cert.private_key) throw fail("'certificate' or 'private_key' is empty");
  if (!checked.mbus?.urls?.length) throw fail("sent without 'urls' the agent would fall back to its first password");
  let matches: boolean;
  try {
    matches = new X509Certificate(cert.certificate).checkPrivateKey(createPrivateKey(cert.private_key));
  } catch {
    throw fail("'certificate' or 'private_key' is not PEM");
  }
  if (!matches) throw fail("the key does not belong to the certificate");
  return checked;
}

export function check<T extends z.ZodType>(schema: T, value: unknown, context: CallContext): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join(".") || "the value"} ${issue.message}`);
  throw agentError("agent.invalid-request", context, issues.join("; "), { details: { issues } });
}

/** The same for what the agent answers. */
export function checkAnswer<T extends z.ZodType>(schema: T, value: unknown, context: CallContext): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw agentError("agent.protocol", context, `unexpected answer: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}
