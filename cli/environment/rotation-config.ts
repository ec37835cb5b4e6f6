import { RepaveError } from "../../director/core/errors.ts";
import { generationsSchema, rotationSchema, type CredentialConfig, type Generations } from "../../director/rotation/index.ts";
import type { Session } from "./session.ts";
import { engineCommand } from "./state.ts";

export const ROTATION_KEY = "repave:rotation";
const GENERATIONS_KEY = "repave:generations";

/** What the stack's config says about credentials. @throws RepaveError `credential.bad-config`. */
export async function readCredentialConfig(session: Session): Promise<CredentialConfig> {
  const all = JSON.parse(await engineCommand(session, ["config", "--json"])) as Record<string, { value?: string }>;
  const read = <T>(key: string, parse: (value: unknown) => { success: true; data: T } | { success: false }): T | undefined => {
    const text = all[key]?.value;
    if (text === undefined) return undefined;
    const parsed = parse(asJson(text));
    if (parsed.success) return parsed.data;
    throw new RepaveError("credential.bad-config", `The config value ${key} is not understood`, { hint: "only 'repave rotate' writes it" });
  };
  return {
    generations: read(GENERATIONS_KEY, (value) => generationsSchema.safeParse(value)) ?? {},
    rotation: read(ROTATION_KEY, (value) => rotationSchema.safeParse(value)),
  };
}

/** Ends a rotation. A run cut off in between finds both, which means the same. */
export async function settleRotation(session: Session, generations: Generations): Promise<void> {
  await engineCommand(session, ["config", "set", GENERATIONS_KEY, JSON.stringify(generations)]);
  await engineCommand(session, ["config", "rm", ROTATION_KEY]);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
