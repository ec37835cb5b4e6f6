import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { parseJson } from "../../director/templates/json.ts";
import type { InstanceInput } from "../../director/templates/renderer.ts";
import { isMap, toPlain, type TemplateMap } from "../../director/templates/values.ts";
import type { JobFolder } from "./job-folder.ts";

const ids = z.record(z.string(), z.union([z.string(), z.number()]));
const inputSchema = z.object({
  deployment: z.string(),
  name: z.string(),
  index: z.int(),
  bootstrap: z.boolean(),
  id: z.string(),
  az: z.string().nullish().transform((v) => v ?? null),
  address: z.string().nullish().transform((v) => v ?? null),
  ip: z.string().nullish().transform((v) => v ?? null),
  dns_domain_name: z.string(),
  persistent_disk: z.number().nullish().transform((v) => v ?? 0),
  release: z.object({ name: z.string(), version: z.string() }),
  dns: z
    .object({
      azs: ids.optional(),
      networks: ids.optional(),
      instances: ids.optional(),
      groups: z.array(z.object({ group_type: z.string(), group_name: z.string(), deployment: z.string(), id: z.union([z.string(), z.number()]) })).optional(),
    })
    .optional(),
  provides: z.array(z.object({ name: z.string(), type: z.string(), group: z.string() })).optional(),
});

/**
 * The whole input of one instance from the JSON of `render-job --input`: the keys of `spec`, and `properties` (the manifest's), `links`, `dns`, `provides`.
 * Throws `render.input` naming what is wrong.
 */
export function instanceInput(json: string, job: JobFolder): InstanceInput {
  const input = parse(json);
  const { provides, release, dns, ...instance } = check(input);
  const context = { ...instance, networks: input.get("networks") ?? new Map(), job: input.get("job") ?? new Map() };
  return { context, dns, jobs: [{ ...job, release, provides, manifestProperties: input.get("properties"), links: input.get("links") }] };
}

function parse(json: string): TemplateMap {
  try {
    const input = parseJson(json);
    if (isMap(input)) return input;
  } catch (error) {
    throw new RepaveError("render.input", "Render input is not JSON", { cause: error });
  }
  throw new RepaveError("render.input", "Render input must be a JSON object");
}

function check(input: TemplateMap): z.output<typeof inputSchema> {
  const checked = inputSchema.safeParse(toPlain(input));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new RepaveError("render.input", `Render input: '${issue?.path.join(".")}' is wrong: ${issue?.message}`);
}
