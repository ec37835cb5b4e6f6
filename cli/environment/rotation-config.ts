import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { generationsSchema, rotationSchema, type CredentialConfig, type Generations, type Rotation } from "../../director/rotation/index.ts";
import type { Session } from "./session.ts";
import { settingsFile } from "./stack-settings.ts";
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

/** Gives work a copy of the stack's config file in which a rotation is under way; the stack's own stays as it is. */
export async function withRotationConfig<T>(session: Session, rotation: Rotation, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "repave-preview-"));
  try {
    const file = path.join(folder, `Pulumi.${session.environment}.yaml`);
    await copyFile(settingsFile(session), file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await engineCommand(session, ["config", "set", ROTATION_KEY, JSON.stringify(rotation), "--config-file", file]);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
