import { RepaveError } from "../../director/core/errors.ts";
import { sourceFrame } from "../../director/yaml/source-frame.ts";

const mostFrames = 5;

interface SourceText {
  file: string;
  text: string;
}

/** Adds to an error about variables where the manifest and the ops files define them or refer to them. */
export function withReferences(error: unknown, sources: readonly SourceText[]): unknown {
  if (!(error instanceof RepaveError) || error.details["frame"] !== undefined) return error;
  const { variable, missing } = error.details as { variable?: string; missing?: string[] };
  const names = [...(variable === undefined ? [] : [variable]), ...(missing ?? [])];
  const defined = error.code.startsWith("credential.");
  const frames = names.flatMap((name) => (defined ? frameOf(definition(name), sources) : undefined) ?? frameOf(reference(name), sources) ?? []);
  if (frames.length === 0) return error;
  const more = frames.length > mostFrames ? [`and ${frames.length - mostFrames} more`] : [];
  const frame = [...frames.slice(0, mostFrames), ...more].join("\n");
  return new RepaveError(error.code, error.message, { details: { ...error.details, frame }, hint: error.hint, cause: error.cause });
}

function reference(name: string): RegExp {
  return new RegExp(`\\(\\( ?!?${literal(name)}(?=[ .)])`, "u");
}

function definition(name: string): RegExp {
  return new RegExp(`(?<=[-{,\\s])name: *["']?${literal(name)}["']?(?=[\\s,}])`, "u");
}

function literal(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function frameOf(pattern: RegExp, sources: readonly SourceText[]): string | undefined {
  for (const { file, text } of sources) {
    const found = pattern.exec(text);
    if (found) return sourceFrame({ file, text, offset: found.index, before: 0 });
  }
  return undefined;
}
