import { textFromBytes } from "./bytes.ts";
import type { AliasNode, MappingNode, ScalarNode, YamlNode } from "./nodes.ts";
import { resolveNumber, resolvePlain, type ResolvedScalar } from "./resolve.ts";
import { type SourcePlace, sourcePosition } from "./source-frame.ts";
import { IntegralFloat, setEntry, type YamlMap, type YamlValue } from "./value.ts";
import { yamlError, yamlTypeError } from "./yaml-error.ts";

const prefix = "tag:yaml.org,2002:";
const typeOfTag = new Map<string, ResolvedScalar["type"]>(
  (["str", "bool", "int", "float", "null", "timestamp"] as const).map((type) => [prefix + type, type]),
);

const smallDocument = 400_000;
const largeDocument = 4_000_000;

/** Finding the line of an issue takes a walk over the text, so a hostile file must not have one for each of its lines. */
const mostIssues = 20;

/** The share of values that aliases may make: 99 % in small documents, down to 10 % in large ones. Ends alias bombs. */
function allowedAliasShare(values: number): number {
  const scale = (Math.min(Math.max(values, smallDocument), largeDocument) - smallDocument) / (largeDocument - smallDocument);
  return 0.99 - 0.89 * scale;
}

/**
 * Turns nodes into values. Aliases become copies, `<<` merges in the order of the text (a later key wins), a duplicate key
 * overwrites. Typed readers (`text`, `flag`, `fields`) collect mismatches; `finish` throws them all at once.
 */
export class Decoder {
  private readonly source: Omit<SourcePlace, "offset">;
  private readonly open = new Set<AliasNode>();
  private readonly issues: string[] = [];
  private firstIssueAt = 0;
  private values = 0;
  private aliased = 0;

  constructor(source: Omit<SourcePlace, "offset">) {
    this.source = source;
  }

  /** Throws `manifest.yaml-type` if a typed reader met a value of another type. */
  finish(): void {
    if (this.issues.length > 0) throw yamlTypeError({ ...this.source, offset: this.firstIssueAt }, this.issues);
  }

  value(node: YamlNode): YamlValue {
    this.count();
    switch (node.kind) {
      case "alias":
        return this.follow(node, (target) => this.value(target));
      case "scalar":
        return this.scalar(node).value;
      case "sequence":
        return node.items.map((item) => this.value(item));
      case "mapping": {
        const map: YamlMap = new Map();
        this.fill(map, node);
        return map;
      }
    }
  }

  /** The text of a scalar as written, whatever it would stand for; null is empty. */
  text(node: YamlNode): string | undefined {
    this.count();
    if (node.kind === "alias") return this.follow(node, (target) => this.text(target));
    if (node.kind !== "scalar") return this.mismatch(node, "string");
    const { value, binary } = this.scalar(node);
    if (value === null) return "";
    return binary ? (value as string) : node.text;
  }

  flag(node: YamlNode, into: string): boolean | undefined {
    this.count();
    if (node.kind === "alias") return this.follow(node, (target) => this.flag(target, into));
    const value = node.kind === "scalar" ? this.scalar(node).value : undefined;
    return typeof value === "boolean" ? value : this.mismatch(node, into);
  }

  /** Whether a node stands for null; then typed fields stay unset. */
  isNull(node: YamlNode): boolean {
    if (node.kind === "alias") return this.follow(node, (target) => this.isNull(target));
    return node.kind === "scalar" && this.scalar(node).value === null;
  }

  /**
   * Whether an optional field stays unset: for null, but not where it is written `Null` or `NULL`. BOSH's reader knows those two only
   * when the field is there already, and so takes them for a value.
   */
  isUnset(node: YamlNode): boolean {
    if (node.kind === "alias") return this.follow(node, (target) => this.isUnset(target));
    return this.isNull(node) && !(node.kind === "scalar" && node.tag === "" && /^N/.test(node.text));
  }

  /** Visits the entries of a mapping whose keys are text, merges included, in the order in which later ones win. */
  fields(node: YamlNode, into: string, visit: (name: string, value: YamlNode) => void): void {
    this.count();
    if (node.kind === "alias") return this.follow(node, (target) => this.fields(target, into, visit));
    if (node.kind !== "mapping") return this.mismatch(node, into);
    const read = (mapping: MappingNode): void => {
      for (const [key, value] of mapping.entries) {
        const name = isMerge(key) ? this.merge(value, read) : this.text(key);
        if (name !== undefined) visit(name, value);
      }
    };
    read(node);
  }

  mismatch(node: YamlNode, into: string): undefined {
    if (node.kind === "alias") return this.mismatch(node.target, into);
    if (this.issues.length >= mostIssues) return undefined;
    if (this.issues.length === 0) this.firstIssueAt = node.start;
    const { line } = sourcePosition(this.source.text, node.start);
    const what = node.kind === "mapping" ? "!!map" : node.kind === "sequence" ? "!!seq" : this.describe(node);
    this.issues.push(`line ${line}: cannot unmarshal ${what} into ${into}`);
    return undefined;
  }

  private describe(node: ScalarNode): string {
    const tag = node.tag === "" ? `!!${node.implicit ? resolvePlain(node.text).type : "str"}` : node.tag.replace(prefix, "!!");
    if (this.source.secret) return tag;
    return `${tag} \`${node.text.length > 10 ? `${node.text.slice(0, 7)}...` : node.text}\``;
  }

  private fail(node: YamlNode, problem: string): never {
    throw yamlError({ ...this.source, offset: node.start, problem });
  }

  private count(): void {
    this.values++;
    if (this.open.size === 0) return;
    this.aliased++;
    if (this.aliased > 100 && this.values > 1000 && this.aliased / this.values > allowedAliasShare(this.values)) {
      const [alias] = this.open;
      this.fail(alias as AliasNode, "document contains excessive aliasing");
    }
  }

  private follow<T>(alias: AliasNode, read: (target: AliasNode["target"]) => T): T {
    if (this.open.has(alias)) this.fail(alias, `anchor '${alias.name}' value contains itself`);
    this.open.add(alias);
    const result = read(alias.target);
    this.open.delete(alias);
    return result;
  }

  private fill(map: YamlMap, node: MappingNode): void {
    for (const [keyNode, valueNode] of node.entries) {
      if (isMerge(keyNode)) {
        this.merge(valueNode, (target) => this.fill(map, target));
        continue;
      }
      const key = this.value(keyNode);
      if (Array.isArray(key) || key instanceof Map) this.fail(keyNode, "invalid map key: a key can be neither a map nor a list");
      setEntry(map, key, this.value(valueNode));
    }
  }

  private merge(node: YamlNode, into: (target: MappingNode) => void): undefined {
    if (node.kind === "sequence") {
      for (const item of node.items.toReversed()) {
        if (item.kind === "sequence") this.mergeRefused(item);
        this.merge(item, into);
      }
      return undefined;
    }
    this.count();
    if (node.kind === "mapping") {
      into(node);
      return undefined;
    }
    if (node.kind !== "alias" || node.target.kind !== "mapping") return this.mergeRefused(node);
    this.follow(node, (target) => {
      this.count();
      into(target as MappingNode);
    });
    return undefined;
  }

  private mergeRefused(node: YamlNode): never {
    return this.fail(node, "map merge requires map or sequence of maps as the value");
  }

  private scalar(node: ScalarNode): { value: YamlValue; binary: boolean } {
    const { tag, text } = node;
    if (tag === "") return { value: node.implicit ? resolvePlain(text).value : text, binary: false };
    if (tag === `${prefix}binary`) return { value: this.binary(node), binary: true };
    const type = typeOfTag.get(tag);
    if (type === undefined || type === "str") return { value: text, binary: false };
    const resolved = type === "timestamp" ? resolvePlain(text) : resolveNumber(text);
    if (resolved.type === type) return { value: resolved.value, binary: false };
    if (type === "float" && resolved.type === "int" && typeof resolved.value !== "bigint") {
      return { value: new IntegralFloat(resolved.value as number), binary: false };
    }
    if (type === "float" && typeof resolved.value === "bigint" && resolved.value < 2n ** 63n) {
      return { value: new IntegralFloat(Number(resolved.value)), binary: false };
    }
    return this.fail(node, `cannot decode !!${resolved.type} \`${this.source.secret ? "..." : text}\` as a !!${type}`);
  }

  private binary(node: ScalarNode): string {
    const digits = node.text.replace(/[\r\n]/g, "");
    const valid = digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
    if (!valid) this.fail(node, "!!binary value contains invalid base64 data");
    return textFromBytes(Uint8Array.from(atob(digits), (c) => c.charCodeAt(0)));
  }
}

function isMerge(key: YamlNode): boolean {
  return key.kind === "scalar" && key.text === "<<" && (key.implicit || key.tag === `${prefix}merge`);
}
