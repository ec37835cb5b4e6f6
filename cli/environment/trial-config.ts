import { copyFile, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Session } from "./session.ts";
import { settingsFile } from "./stack-settings.ts";
import { engineCommand } from "./state.ts";

/**
 * Gives work a copy of the stack's settings in which some values are others: for a run that leaves none of them behind.
 * (`pulumi preview --config` would save a value into the stack's own file.)
 */
export async function withTrialConfig<T>(session: Session, settings: Readonly<Record<string, string>>, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "repave-preview-"));
  try {
    const file = path.join(folder, `Pulumi.${session.environment}.yaml`);
    await copyFile(settingsFile(session), file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    for (const [key, value] of Object.entries(settings)) await engineCommand(session, ["config", "set", key, value, "--config-file", file]);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
