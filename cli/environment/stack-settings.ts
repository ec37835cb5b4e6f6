import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseDocument } from "yaml";
import type { Session } from "./session.ts";
import { filesOf } from "./state-log/files.ts";

const SALT = "encryptionsalt";

/** The file with a stack's settings, where the project keeps it. */
export function settingsFile({ project, environment }: Pick<Session, "project" | "environment">): string {
  const settings = parseDocument(readFileSync(path.join(project.folder, "Pulumi.yaml"), "utf8"));
  return path.join(project.folder, String(settings.get("stackConfigDir") ?? "."), `Pulumi.${environment}.yaml`);
}

/**
 * Makes the salt in the stack's settings the one of the state it is used with. The file belongs to the checkout, the state and its
 * passphrase to the home folder: with another home, the salt of the first would make the passphrase look wrong.
 */
export function alignSalt(session: Session): void {
  const file = settingsFile(session);
  const wanted = saltOfState(session);
  if (!existsSync(file) && wanted === undefined) return;
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "");
  const found = document.contents === null ? undefined : document.get(SALT);
  if (found === wanted) return;
  if (wanted === undefined) document.delete(SALT);
  else document.set(SALT, wanted);
  writeFileSync(file, String(document));
}

/** Undefined for a stack that is not there yet, and for states without a passphrase. */
function saltOfState(session: Session): string | undefined {
  const file = filesOf(session)?.checkpoint;
  if (file === undefined || !existsSync(file)) return undefined;
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as { checkpoint?: { latest?: { secrets_providers?: { state?: { salt?: string } } } } };
  return checkpoint?.latest?.secrets_providers?.state?.salt;
}
