import type { AnnouncedManifest } from "../../components/deployment/announce.ts";
import { RepaveError } from "../../director/core/errors.ts";
import type { GenerationContent } from "../../director/rollout/generations.ts";
import { parseYaml, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import { runUpdate } from "../environment/update.ts";

/**
 * What the program asks for now, deployment by deployment: it is run as a preview, and nothing is changed.
 *
 * @throws RepaveError `state.preview` after showing what the engine said
 */
export async function wantedManifests(session: Session, context: CommandContext): Promise<AnnouncedManifest[]> {
  // Loaded only now: it brings the whole SDK.
  const { hearManifests } = await import("../../components/deployment/announce.ts");
  if (session.project.program === undefined) throw new RepaveError("cli.bad-project", `The program of ${session.project.folder} can't be run by this command`, { hint: "compile it first: its 'main' must be JavaScript" });
  const heard = new Map<string, AnnouncedManifest>();
  const code = await hearManifests(
    (manifest) => heard.set(manifest.name, manifest),
    () => runUpdate(session, context, { verb: "preview", quiet: true }),
  );
  if (code !== 0) throw new RepaveError("state.preview", `The program of '${session.environment}' can't be previewed`, { hint: "see above" });
  return [...heard.values()];
}

/** A manifest, and the runtime configs beside it, as one value to compare. */
export function documentsOf(content: Pick<GenerationContent, "manifest" | "runtimeConfigs">): PlainValue {
  const configs = content.runtimeConfigs.map((text) => toPlain(parseYaml(text).value));
  const manifest = toPlain(parseYaml(content.manifest).value) as Record<string, PlainValue>;
  return configs.length === 0 ? manifest : { ...manifest, "(runtime configs)": configs };
}
