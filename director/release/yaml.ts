import { messageOf, RepaveError } from "../core/errors.ts";
import { Decoder } from "../yaml/decode.ts";
import { toPlain, type YamlMap } from "../yaml/index.ts";
import type { MappingNode, YamlNode } from "../yaml/nodes.ts";
import { composeYaml } from "../yaml/parse.ts";

/** A mapping as it stands in a file: order kept, `null` for an empty value, the last of two equal keys wins. */
export type TextTree = string | null | readonly TextTree[] | ReadonlyMap<string, TextTree>;

/** Reads a release's file the way BOSH's CLI does. An empty file is an empty mapping. */
export class SpecDocument {
  private readonly tree: ReadonlyMap<string, TextTree>;
  private readonly map: YamlMap;

  /** @throws RepaveError `release.yaml` for what is no YAML mapping, or is made to exhaust its reader. */
  constructor(text: string, noun: string) {
    try {
      const { source, root } = composeYaml(text, { file: noun });
      const value = root ? new Decoder(source).value(root) : null;
      if (value !== null && !(value instanceof Map)) throw new RepaveError("release.yaml", "yaml: unmarshal errors: the file is not a mapping");
      this.map = value ?? new Map();
      // Aliases are known to end by now, and to be few.
      this.tree = root && value ? (textTree(root, new Decoder(source)) as ReadonlyMap<string, TextTree>) : new Map();
    } catch (cause) {
      const tooDeep = cause instanceof RangeError;
      if (!tooDeep && !(cause instanceof RepaveError)) throw cause;
      throw new RepaveError("release.yaml", tooDeep ? "yaml: the file is nested too deeply" : messageOf(cause), { details: { noun, ...(cause instanceof RepaveError ? cause.details : {}) }, cause });
    }
  }

  /** Every scalar as its source text, so that a name `1.10` stays what was written. Null stays null. */
  texts(): ReadonlyMap<string, TextTree> {
    return this.tree;
  }

  /** The pairs of a top-level mapping in file order, values as plain data; undefined when the key is absent or no mapping. */
  entries(key: string): [string, unknown][] | undefined {
    const value = this.map.get(key);
    return value instanceof Map ? [...value].map(([k, v]) => [String(k), toPlain(v)]) : undefined;
  }

  /** The value of a top-level key as plain data; undefined when it is absent. */
  value(key: string): unknown {
    const value = this.map.get(key);
    return value === undefined ? undefined : toPlain(value);
  }
}

function textTree(node: YamlNode, decoder: Decoder): TextTree {
  const target = node.kind === "alias" ? node.target : node;
  switch (target.kind) {
    case "scalar":
      return decoder.value(target) === null ? null : target.text;
    case "sequence":
      return target.items.map((item) => textTree(item, decoder));
    case "mapping":
      return new Map(textEntries(target, decoder));
  }
}

/** In the order of the text, what is merged included, so that the later of two equal keys wins. */
function textEntries(node: MappingNode, decoder: Decoder): [string, TextTree][] {
  return node.entries.flatMap(([key, value]): [string, TextTree][] => {
    const name = textTree(key, decoder);
    if (name !== "<<") return [[typeof name === "string" ? name : "", textTree(value, decoder)]];
    const source = value.kind === "alias" ? value.target : value;
    const merged = source.kind === "sequence" ? source.items.toReversed() : [source];
    return merged.flatMap((item) => {
      const mapping = item.kind === "alias" ? item.target : item;
      return mapping.kind === "mapping" ? textEntries(mapping, decoder) : [];
    });
  });
}
