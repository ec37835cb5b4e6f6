import { RepaveError } from "../../core/errors.ts";
import { isMap, type TemplateMap, type TemplateValue } from "../values.ts";
import { applicators } from "./applicators.ts";
import { assertions } from "./assertions.ts";
import { errorTexts, place, type Keyword, type Location, type Result } from "./result.ts";

const keywords: ReadonlyMap<string, Keyword> = new Map([...Object.entries(applicators), ...Object.entries(assertions)]);
const order = new Map([...keywords.keys()].map((name, i) => [name, i]));
const deepest = 500;

/** Checks a value against a JSON Schema (draft 2020-12 and the type `certificate`) and answers the texts of what is wrong, none when it fits. */
export function schemaErrors(schema: TemplateMap, value: TemplateValue): string[] {
  return errorTexts(new Checker(schema).check(schema, value, []));
}

class Checker {
  private depth = 0;
  private readonly anchors = new Map<string, TemplateValue>();
  private readonly root: TemplateMap;

  constructor(root: TemplateMap) {
    this.root = root;
    this.collectAnchors(root);
  }

  check(schema: TemplateValue, instance: TemplateValue, at: Location): Result {
    const plain = (valid: boolean, nested: readonly Result[] = []): Result => ({ source: "schema", at, valid, nested, error: `value at ${place(at)} does not match schema` });
    if (!isMap(schema)) return plain(schema !== false);
    if (++this.depth > deepest) throw invalid("The schema refers to itself without end");
    try {
      const before = new Map<string, Result>();
      for (const keyword of [...schema.keys()].filter((name) => order.has(name)).sort((a, b) => order.get(a)! - order.get(b)!)) {
        const said = keywords.get(keyword)!({
          keyword,
          value: schema.get(keyword)!,
          instance,
          at,
          schema,
          before,
          check: (below, value, where) => this.check(below, value, where),
          resolve: (reference) => this.resolve(reference),
        });
        if (said) before.set(keyword, said);
      }
      const nested = [...before.values()];
      return plain(nested.every((one) => one.valid), nested);
    } finally {
      this.depth--;
    }
  }

  private resolve(reference: string): TemplateValue {
    const id = this.root.get("$id");
    const local = typeof id === "string" && reference.startsWith(id) ? reference.slice(id.length) : reference;
    const found = local === "" || local === "#" ? this.root : local.startsWith("#/") ? this.pointer(local.slice(2)) : this.anchors.get(local);
    if (found === undefined) throw invalid(`The schema's reference '${reference}' leads nowhere; only references inside the schema are followed`);
    return found;
  }

  private pointer(path: string): TemplateValue | undefined {
    const keys = path.split("/").map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
    return keys.reduce<TemplateValue | undefined>((at, key) => (isMap(at) ? at.get(key) : Array.isArray(at) ? at[Number(key)] : undefined), this.root);
  }

  private collectAnchors(value: TemplateValue): void {
    if (Array.isArray(value)) value.forEach((item) => this.collectAnchors(item));
    if (!isMap(value)) return;
    for (const key of ["$anchor", "$dynamicAnchor"]) {
      const name = value.get(key);
      if (typeof name === "string") this.anchors.set(`#${name}`, value);
    }
    for (const item of value.values()) this.collectAnchors(item);
  }
}

function invalid(message: string): RepaveError {
  return new RepaveError("render.properties-schema", message);
}
