import { decodeText } from "./bytes.ts";
import { compose } from "./compose.ts";
import { Decoder } from "./decode.ts";
import type { YamlNode } from "./nodes.ts";
import { type SourcePlace, sourceFrame, type SourcePosition, sourcePosition } from "./source-frame.ts";
import type { YamlValue } from "./value.ts";

export interface YamlSource {
  /** Name for error texts; empty for text without a file. */
  file?: string;
  /** The text holds credentials: errors name the place and show nothing of it. */
  secret?: boolean;
}

/** A parsed text with its value and the place of every part of it. */
export class YamlDocument {
  readonly source: Omit<SourcePlace, "offset">;
  readonly root: YamlNode | undefined;
  readonly value: YamlValue;

  constructor(source: Omit<SourcePlace, "offset">, root: YamlNode | undefined, value: YamlValue) {
    this.source = source;
    this.root = root;
    this.value = value;
  }

  /** Line and column of what stands at a path of keys and indexes, as written before any ops file. */
  position(path: readonly (string | number)[]): SourcePosition | undefined {
    const node = this.root && findNode(this.root, path);
    return node && sourcePosition(this.source.text, node.start);
  }

  /** The same place with its lines of source, for an error's `details.frame`. */
  frame(path: readonly (string | number)[]): string | undefined {
    const node = this.root && findNode(this.root, path);
    return node && sourceFrame({ ...this.source, offset: node.start });
  }
}

function findNode(root: YamlNode, path: readonly (string | number)[]): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (node?.kind === "alias") node = node.target;
    if (node?.kind === "sequence" && typeof step === "number") node = node.items[step];
    else if (node?.kind === "mapping") node = node.entries.findLast(([key]) => key.kind === "scalar" && key.text === String(step))?.[1];
    else return undefined;
  }
  return node;
}

/**
 * Parses the first document of a YAML 1.1 text as BOSH's CLI does. An empty text is null.
 *
 * @throws RepaveError `manifest.yaml` with file, line, column and a code frame.
 */
export function parseYaml(input: string | Uint8Array, { file = "", secret = false }: YamlSource = {}): YamlDocument {
  const { source, root } = composeYaml(input, { file, secret });
  return new YamlDocument(source, root, root === undefined ? null : new Decoder(source).value(root));
}

/** The nodes alone, for readers of typed documents. */
export function composeYaml(input: string | Uint8Array, { file = "", secret = false }: YamlSource): { source: Omit<SourcePlace, "offset">; root: YamlNode | undefined } {
  const text = decodeText(input, { file, secret });
  return { source: { file, text, secret }, root: compose(text, { file, secret }) };
}
