import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from "yaml";
import { RepaveError } from "../core/errors.ts";

const mostNodes = 200_000;

/** A mapping as it stands in a file: order kept, `null` for an empty value, the last of two equal keys wins. */
export type TextTree = string | null | readonly TextTree[] | ReadonlyMap<string, TextTree>;

/**
 * Reads a spec file the way BOSH's CLI does (YAML 1.1, first document, last of two equal keys wins).
 * An empty file is an empty mapping.
 */
export class SpecDocument {
  private readonly document: Document | undefined;
  private nodes = 0;

  constructor(text: string, noun: string) {
    const found = parseAllDocuments(text, { version: "1.1", uniqueKeys: false, merge: true, logLevel: "silent" });
    this.document = Array.isArray(found) ? found[0] : undefined;
    const problem = this.document?.errors[0];
    if (problem) {
      const line = problem.linePos?.[0].line;
      throw new RepaveError("release.yaml", `yaml: ${line === undefined ? "" : `line ${line}: `}${problem.message.split("\n")[0]}`, { details: { noun, line } });
    }
    const root = this.document?.contents;
    if (root && !isMap(root) && !(isScalar(root) && root.value === null)) throw new RepaveError("release.yaml", "yaml: the file is not a mapping", { details: { noun } });
  }

  /** Every scalar as its source text, so that a name `1.10` stays what was written. Null stays null. */
  texts(): ReadonlyMap<string, TextTree> {
    const root = this.document?.contents;
    return root && isMap(root) ? (this.text(root) as ReadonlyMap<string, TextTree>) : new Map();
  }

  /** The pairs of a top-level mapping in file order, values resolved to plain data; undefined when the key is absent or null. */
  entries(key: string): [string, unknown][] | undefined {
    const node = this.resolve((this.document?.contents as { get?(k: string, keep: true): unknown } | null)?.get?.(key, true) as Node | undefined);
    if (!node || !isMap(node)) return undefined;
    const values = node.toJS(this.document as Document, { mapAsMap: true }) as Map<unknown, unknown>;
    return [...values].map(([k, v]) => [String(k), plain(v)]);
  }

  /** The value of a top-level key as plain data. */
  value(key: string): unknown {
    const node = this.resolve((this.document?.contents as { get?(k: string, keep: true): unknown } | null)?.get?.(key, true) as Node | undefined);
    return node ? plain(node.toJS(this.document as Document, { mapAsMap: true })) : undefined;
  }

  private resolve(node: Node | null | undefined): Node | undefined {
    return (isAlias(node) ? (node.resolve(this.document as Document) as Node | undefined) : node) ?? undefined;
  }

  private text(given: unknown): TextTree {
    if (++this.nodes > mostNodes) throw new RepaveError("release.yaml", "yaml: the file expands to too many values");
    const node = this.resolve(given as Node | undefined);
    if (node === undefined) return null;
    if (isSeq(node)) return node.items.map((item) => this.text(item));
    if (isMap(node)) {
      const map = new Map<string, TextTree>();
      for (const { key, value } of node.items) {
        const name = String(this.text(key));
        if (name !== "<<") map.set(name, this.text(value));
        else for (const [k, v] of this.merged(value)) if (!map.has(k)) map.set(k, v);
      }
      return map;
    }
    if (!isScalar(node) || node.value === null) return null;
    return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  }

  private merged(value: unknown): Iterable<[string, TextTree]> {
    const tree = this.text(value);
    if (tree instanceof Map) return tree;
    return Array.isArray(tree) ? tree.flatMap((t) => (t instanceof Map ? [...t] : [])) : [];
  }
}

/** Maps become objects (keys as text), so that values compare and travel as JSON does. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
