import type { z } from "zod";
import { IaasError } from "../../director/core/errors.ts";

/** Where in a cloud config properties stand. */
export type Place = "azs" | "networks" | "vm_types" | "disk_types" | "load_balancer";

/** One key of cloud properties. An adapter's page of cloud properties is made from its list of them. */
export interface PropertyRule {
  place: Place;
  key: string;
  /** What it becomes; absent of what is refused. */
  becomes?: string;
  /** Why it is refused, and what to do instead. */
  refused?: string;
  schema?: z.ZodType;
}

/**
 * The cloud properties of one place, checked against an adapter's list.
 *
 * @param whose names the thing in errors: `VM type of web/1`
 * @param page where people find the list
 * @throws IaasError `iaas.cloud-property` with every key that is unknown, refused or of another form
 */
export function checkProperties<T>(list: readonly PropertyRule[], place: Place, whose: string, given: Readonly<Record<string, unknown>>, page: string): T {
  const rules = new Map(list.filter((rule) => rule.place === place).map((rule) => [rule.key, rule]));
  const problems = Object.entries(given).flatMap(([key, value]) => {
    const rule = rules.get(key);
    if (rule === undefined) return [`'${key}' is unknown`];
    if (rule.refused !== undefined) return [`'${key}' is refused: ${rule.refused}`];
    const issue = rule.schema?.safeParse(value).error?.issues[0];
    return issue === undefined ? [] : [`'${[key, ...issue.path].join(".")}': ${issue.message}`];
  });
  if (problems.length === 0) return given as T;
  throw new IaasError("iaas.cloud-property", `The cloud properties of ${whose} are not understood: ${problems.join("; ")}`, {
    method: "cloud_properties",
    details: { problems, known: [...rules.keys()] },
    hint: `${page} has every key`,
  });
}
