import type { YamlNode } from "./nodes.ts";
import { Scanner } from "./scanner.ts";
import type { SourcePlace } from "./source-frame.ts";
import type { Token, TokenKind } from "./tokens.ts";

const defaultTags: readonly (readonly [string, string])[] = [
  ["!", "!"],
  ["!!", "tag:yaml.org,2002:"],
];

/** Nesting past this would overflow the stack; no manifest comes near it. */
const deepest = 1000;

/** Reads the first document of a text into nodes; undefined for a text without one. What follows the document is not read. */
export function compose(text: string, source: Pick<SourcePlace, "file" | "secret">): YamlNode | undefined {
  return new Composer(new Scanner(text, source)).document();
}

class Composer {
  private readonly scanner: Scanner;
  private readonly anchors = new Map<string, Exclude<YamlNode, { kind: "alias" }>>();
  private readonly tags = new Map<string, string>();
  private depth = 0;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  document(): YamlNode | undefined {
    if (this.at("stream-end")) return undefined;
    const explicit = this.directives();
    let root: YamlNode;
    if (explicit) {
      this.scanner.take();
      root = this.at("version-directive", "tag-directive", "document-start", "document-end", "stream-end") ? this.empty() : this.node(true, false);
    } else root = this.node(true, false);
    this.scanner.peek();
    return root;
  }

  /** Reads the directives and answers whether a `---` follows. */
  private directives(): boolean {
    let version = false;
    const first = this.scanner.peek();
    for (let token = first; this.at("version-directive", "tag-directive"); token = this.scanner.peek()) {
      if (token.kind === "version-directive") {
        if (version) this.fail("found duplicate %YAML directive", token);
        if (token.text !== "1.1") this.fail("found incompatible YAML document", token);
        version = true;
      } else {
        if (this.tags.has(token.text)) this.fail("found duplicate %TAG directive", token);
        this.tags.set(token.text, token.suffix);
      }
      this.scanner.take();
    }
    for (const [handle, prefix] of defaultTags) if (!this.tags.has(handle)) this.tags.set(handle, prefix);
    const explicit = this.at("document-start");
    if (!explicit && first !== this.scanner.peek()) this.fail("did not find expected <document start>");
    return explicit;
  }

  private at(...kinds: TokenKind[]): boolean {
    return kinds.includes(this.scanner.peek().kind);
  }

  private fail(problem: string, token: Token = this.scanner.peek()): never {
    return this.scanner.cursor.fail(problem, token.start);
  }

  private empty(start = this.scanner.peek().start): YamlNode {
    return { kind: "scalar", start, text: "", tag: "", implicit: true };
  }

  private node(block: boolean, indentless: boolean): YamlNode {
    const { scanner } = this;
    const start = scanner.peek().start;
    if (this.at("alias")) {
      const token = scanner.take();
      const target = this.anchors.get(token.text);
      if (!target) return this.fail(`unknown anchor '${token.text}' referenced`, token);
      return { kind: "alias", start, name: token.text, target };
    }
    let anchor: string | undefined;
    let tag: string | undefined;
    for (let part = 0; part < 2; part++) {
      if (anchor === undefined && this.at("anchor")) anchor = scanner.take().text;
      else if (tag === undefined && this.at("tag")) tag = this.tagOf(scanner.take());
    }
    const token = scanner.peek();
    switch (token.kind) {
      case "scalar": {
        scanner.take();
        const implicit = tag === undefined || tag === "" ? token.plain : tag === "!";
        return this.anchored(anchor, { kind: "scalar", start, text: token.text, tag: tag ?? "", implicit });
      }
      case "block-entry":
        if (!indentless) break;
        return this.sequence(start, anchor, (items) => this.indentlessItems(items));
      case "flow-sequence-start":
        return this.sequence(start, anchor, (items) => this.flowItems(items));
      case "flow-mapping-start":
        return this.mapping(start, anchor, (entries) => this.flowEntries(entries));
      case "block-sequence-start":
        if (!block) break;
        return this.sequence(start, anchor, (items) => this.blockItems(items));
      case "block-mapping-start":
        if (!block) break;
        return this.mapping(start, anchor, (entries) => this.blockEntries(entries));
      default:
    }
    if (anchor !== undefined || (tag ?? "") !== "") {
      return this.anchored(anchor, { kind: "scalar", start, text: "", tag: tag ?? "", implicit: (tag ?? "") === "" });
    }
    return this.fail("did not find expected node content");
  }

  private tagOf(token: Token): string {
    if (token.text === "") return token.suffix;
    const prefix = this.tags.get(token.text);
    return prefix === undefined ? this.fail("found undefined tag handle", token) : prefix + token.suffix;
  }

  private anchored<T extends Exclude<YamlNode, { kind: "alias" }>>(anchor: string | undefined, node: T): T {
    if (anchor !== undefined) this.anchors.set(anchor, node);
    return node;
  }

  private sequence(start: number, anchor: string | undefined, read: (items: YamlNode[]) => void): YamlNode {
    const node = this.anchored(anchor, { kind: "sequence", start, items: [] as YamlNode[] });
    this.nested(() => read(node.items));
    return node;
  }

  private mapping(start: number, anchor: string | undefined, read: (entries: [YamlNode, YamlNode][]) => void): YamlNode {
    const node = this.anchored(anchor, { kind: "mapping", start, entries: [] as [YamlNode, YamlNode][] });
    this.nested(() => read(node.entries));
    return node;
  }

  private nested(read: () => void): void {
    if (++this.depth > deepest) this.fail(`exceeded max depth of ${deepest}`);
    read();
    this.depth--;
  }

  private blockItems(items: YamlNode[]): void {
    this.scanner.take();
    while (this.at("block-entry")) {
      const { end } = this.scanner.take();
      items.push(this.at("block-entry", "block-end") ? this.empty(end) : this.node(true, false));
    }
    if (!this.at("block-end")) this.fail("did not find expected '-' indicator");
    this.scanner.take();
  }

  private indentlessItems(items: YamlNode[]): void {
    while (this.at("block-entry")) {
      const { end } = this.scanner.take();
      items.push(this.at("block-entry", "key", "value", "block-end") ? this.empty(end) : this.node(true, false));
    }
  }

  private blockEntries(entries: [YamlNode, YamlNode][]): void {
    this.scanner.take();
    while (this.at("key")) {
      const { end } = this.scanner.take();
      const key = this.at("key", "value", "block-end") ? this.empty(end) : this.node(true, true);
      entries.push([key, this.blockValue()]);
    }
    if (!this.at("block-end")) this.fail("did not find expected key");
    this.scanner.take();
  }

  private blockValue(): YamlNode {
    if (!this.at("value")) return this.empty();
    const { end } = this.scanner.take();
    return this.at("key", "value", "block-end") ? this.empty(end) : this.node(true, true);
  }

  private flowItems(items: YamlNode[]): void {
    this.scanner.take();
    for (let first = true; !this.at("flow-sequence-end"); first = false) {
      if (!first) this.flowComma("did not find expected ',' or ']'");
      if (this.at("flow-sequence-end")) break;
      if (this.at("key")) items.push(this.flowPair());
      else items.push(this.node(false, false));
    }
    this.scanner.take();
  }

  private flowComma(problem: string): void {
    if (!this.at("flow-entry")) this.fail(problem);
    this.scanner.take();
  }

  /** `[a: b]` is a sequence of one mapping with one entry. */
  private flowPair(): YamlNode {
    const { start } = this.scanner.take();
    let key: YamlNode;
    if (this.at("value", "flow-entry", "flow-sequence-end")) key = this.emptyInPlaceOf();
    else key = this.node(false, false);
    return { kind: "mapping", start, entries: [[key, this.flowValue("flow-sequence-end")]] };
  }

  /** The grammar that BOSH's CLI uses loses the token after an empty key here; `[? : x]` is refused there too. */
  private emptyInPlaceOf(): YamlNode {
    return this.empty(this.scanner.take().end);
  }

  private flowValue(end: TokenKind): YamlNode {
    if (!this.at("value")) return this.empty();
    this.scanner.take();
    return this.at("flow-entry", end) ? this.empty() : this.node(false, false);
  }

  private flowEntries(entries: [YamlNode, YamlNode][]): void {
    this.scanner.take();
    for (let first = true; !this.at("flow-mapping-end"); first = false) {
      if (!first) this.flowComma("did not find expected ',' or '}'");
      if (this.at("flow-mapping-end")) break;
      if (this.at("key")) {
        this.scanner.take();
        const key = this.at("value", "flow-entry", "flow-mapping-end") ? this.empty() : this.node(false, false);
        entries.push([key, this.flowValue("flow-mapping-end")]);
      } else entries.push([this.node(false, false), this.empty()]);
    }
    this.scanner.take();
  }
}
