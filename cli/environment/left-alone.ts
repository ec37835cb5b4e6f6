import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { ignoredConfigSchema, ignoredIds, type IgnoredConfig } from "../../director/update/ignored.ts";
import type { Session } from "./session.ts";
import { settingsFile } from "./stack-settings.ts";
import { exportStack, stackExists } from "./state.ts";

/**
 * Engine flags that keep a refresh from ignored instances: it would find that a VM of theirs is dead, and the update would make it anew.
 * Their resources stay as the state has them, whatever is there.
 */
export async function leaveIgnoredAlone(session: Session): Promise<string[]> {
  const ids = ignoredIds(ignoredOf(session));
  if (ids.length === 0 || !(await stackExists(session))) return [];
  const { deployment } = await exportStack(session, { secrets: false });
  // All that an instance has is named after it.
  const urns = (deployment.resources ?? []).map(({ urn }) => urn).filter((urn) => ids.some((id) => urn.split("::").at(-1)!.includes(id)));
  return [...new Set(urns)].flatMap((urn) => ["--exclude", urn]);
}

/** Asking the engine for its config takes a second. What is not understood is told by the program. */
function ignoredOf(session: Session): IgnoredConfig {
  const file = settingsFile(session);
  if (!existsSync(file)) return [];
  const { config } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const text = config?.["repave:ignored"];
  try {
    return ignoredConfigSchema.catch([]).parse(typeof text === "string" ? JSON.parse(text) : (text ?? []));
  } catch {
    return [];
  }
}
