import { RepaveError } from "../../core/errors.ts";
import { parseJson } from "../json.ts";
import { isMap, type TemplateMap, type TemplateValue } from "../values.ts";
import { schemaErrors } from "./check.ts";

const draft = "https://json-schema.org/draft/2020-12/schema";

/**
 * Checks a job's bound properties against its `properties_schema.json`.
 * Throws `render.properties-schema`: the Director's text, one line per property that does not fit.
 */
export function validateProperties(job: string, schemaText: string, properties: TemplateMap): void {
  const schema = parse(job, schemaText);
  const declared = isMap(schema) ? (schema.get("$schema") ?? null) : null;
  if (declared === null || declared === false || (typeof declared === "string" && declared.trim() === "")) throw failure("You must declare your $schema draft version");
  if (declared !== draft) throw failure(`Only ${draft} schema is currently supported`);
  const errors = schemaErrors(schema as TemplateMap, properties);
  if (errors.length > 0) throw failure([`Error validating properties for ${job}`, ...errors].join("\n"));
}

function parse(job: string, text: string): TemplateValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new RepaveError("render.properties-schema", `properties_schema.json of job '${job}' is not JSON`, { cause: error });
  }
}

function failure(message: string): RepaveError {
  return new RepaveError("render.properties-schema", message);
}
