import { RepaveError } from "../../director/core/errors.ts";
import { sourceFrame } from "../../director/yaml/source-frame.ts";

const mostFrames = 5;

/** Adds to an error about variables where the manifest and the ops files refer to them. */
export function withReferences(error: unknown, sources: readonly { file: string; text: string }[]): unknown {
  if (!(error instanceof RepaveError) || error.details["frame"] !== undefined) return error;
  const { variable, missing } = error.details as { variable?: string; missing?: string[] };
  const frames = [...(variable === undefined ? [] : [variable]), ...(missing ?? [])].flatMap((name) => referenceFrame(name, sources) ?? []);
  if (frames.length === 0) return error;
  const more = frames.length > mostFrames ? [`and ${frames.length - mostFrames} more`] : [];
  const frame = [...frames.slice(0, mostFrames), ...more].join("\n");
  return new RepaveError(error.code, error.message, { details: { ...error.details, frame }, hint: error.hint, cause: error.cause });
}

function referenceFrame(name: string, sources: readonly { file: string; text: string }[]): string | undefined {
  const reference = new RegExp(`\\(\\( ?!?${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?=[ .)])`, "u");
  for (const { file, text } of sources) {
    const found = reference.exec(text);
    if (found) return sourceFrame({ file, text, offset: found.index, before: 0 });
  }
  return undefined;
}
