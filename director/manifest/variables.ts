import type { JsonObject, VariableConsumeSpec, VariableSpec } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import { inspect } from "../spec/inspect.ts";
import type { Report, YamlPath } from "../spec/issues.ts";
import { isHash } from "../spec/read.ts";

const consumable: ReadonlyMap<string, readonly string[]> = new Map([["certificate", ["alternative_name", "common_name"]]]);

/** Reads a `variables` list, of a manifest or of a runtime config. */
export function readVariables(input: readonly unknown[] | undefined, path: YamlPath, report: Report): VariableSpec[] {
  const list = input ?? [];
  const variables = list.flatMap((item, i) => readVariable(item, [...path, i], report) ?? []);
  for (const i of repeated(list, (item) => (isHash(item) ? item["name"] : undefined))) {
    const name = String((list[i] as Record<string, unknown>)["name"]);
    report.add([...path, i], `Some of the variables have duplicate names, eg: '${name}'`, { directorCode: 560000 });
  }
  return variables;
}

function readVariable(item: unknown, path: YamlPath, report: Report): VariableSpec | undefined {
  const bad = (message: string, key?: string): undefined => {
    report.add(key === undefined ? path : [...path, key], message, { directorCode: 560000 });
  };
  if (!isHash(item)) return bad("All 'variables' elements should be Hashes");
  const { name, type, options, consumes, update_mode: updateMode, update } = item;
  if (name === undefined) return bad("At least one of the variables is missing the 'name' key; 'name' must be specified");
  if (typeof name !== "string" || name.trim() === "") return bad("At least one of the variables has an empty 'name'; 'name' must not be empty or nil", "name");
  checkName(name, [...path, "name"], report);
  if (type === undefined) return bad(`Type for variable '${name}' is missing; 'type' must be specified`);
  if (type === null) return bad(`Type for variable '${name}' is nil; 'type' must not be nil`, "type");
  if (typeof type !== "string") return bad(`Type for variable '${name}' must be a String, but was '${inspect(type)}'`, "type");
  if (type.trim() === "") return bad(`Type for variable '${name}' is empty; 'type' must not be empty`, "type");
  if (consumes !== undefined && consumes !== null && !isHash(consumes)) return bad(`Consumes for variable '${name}' must be a Hash or nil`, "consumes");
  if (options !== undefined && options !== null && options !== false && !isHash(options)) return bad(`options of variable with name '${name}' is not a Hash`, "options");
  if (updateMode !== undefined && updateMode !== null && typeof updateMode !== "string") {
    return bad(`Update mode for variable '${name}' must be a String, but was '${inspect(updateMode)}'`, "update_mode");
  }
  const strategy = isHash(update) ? update["strategy"] : undefined;
  return {
    name,
    type,
    options: isHash(options) ? (options as JsonObject) : {},
    consumes: isHash(consumes) ? readConsumes(name, type, consumes, [...path, "consumes"], report) : {},
    ...(typeof updateMode === "string" ? { updateMode } : {}),
    ...(typeof strategy === "string" ? { update: { strategy } } : {}),
  };
}

function checkName(name: string, path: YamlPath, report: Report): void {
  const bad = (what: string): void => report.add(path, `Variable name '${name}' must ${what}`, { directorCode: 540004 });
  if (!/^[a-zA-Z0-9_\-/]+$/.test(name)) bad("only contain alphanumeric, underscores, dashes, or forward slash characters");
  else if (name.endsWith("/")) bad("not end with a forward slash");
  else if (name.includes("//")) bad("not contain two consecutive forward slashes");
}

function readConsumes(variable: string, type: string, consumes: Record<string, unknown>, path: YamlPath, report: Report): VariableSpec["consumes"] {
  const result: Record<string, VariableConsumeSpec> = {};
  for (const [link, given] of Object.entries(consumes)) {
    const known = consumable.get(type);
    if (known === undefined) {
      report.add([...path, link], `Variable '${variable}' can not define 'consumes' key for type '${type}'`);
    } else if (!known.includes(link)) {
      const message = `Consumer name '${link}' is not a valid consumer for variable '${variable}'. Acceptable consumer types are: ${known.join(", ")}`;
      report.add([...path, link], message);
    } else {
      const value = isHash(given) ? given : {};
      const properties = isHash(value["properties"]) ? value["properties"] : {};
      result[link] = {
        ...(typeof value["from"] === "string" ? { from: value["from"] } : {}),
        ...(typeof value["link_type"] === "string" ? { linkType: value["link_type"] } : {}),
        wildcard: properties["wildcard"] === true,
      };
    }
  }
  return result;
}
