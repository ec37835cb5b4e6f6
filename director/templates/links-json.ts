import { compareBytes } from "./bind-properties.ts";
import { prettyJson } from "./json.ts";

/** A link that a job provides, as `.bosh/links.json` on its VM lists it. */
export interface ProvidedLink {
  /** The alias (`as`), or the original name. */
  name: string;
  type: string;
  /** The DNS group's id. */
  group: string;
}

export const linksJsonPath = ".bosh/links.json";

/** The text of `.bosh/links.json`, sorted by group id as text. */
export function linksJson(provided: readonly ProvidedLink[]): string {
  const sorted = [...provided].sort((a, b) => compareBytes(a.group, b.group));
  return `${prettyJson(sorted.map(({ name, type, group }) => new Map([["name", name], ["type", type], ["group", group]])))}\n`;
}
