import type { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { Session } from "../environment/session.ts";
import { engineCommand } from "../environment/state.ts";

/** A JSON value of the stack's config; undefined when it is not set. */
export async function readSetting<T>(session: Session, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const all = JSON.parse(await engineCommand(session, ["config", "--json"])) as Record<string, { value?: string }>;
  const text = all[key]?.value;
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(session, key, "it is no JSON", cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unreadable(session, key, parsed.error.issues[0]?.message ?? "", parsed.error);
  return parsed.data;
}

function unreadable(session: Session, key: string, why: string, cause: unknown): RepaveError {
  return new RepaveError("state.bad-setting", `The config value ${key} of '${session.environment}' is not understood: ${why}`, { cause, hint: `pulumi config rm ${key} --stack ${session.environment}` });
}
