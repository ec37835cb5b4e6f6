import { z } from "zod";
import { IaasError } from "../../director/core/errors.ts";

/** Forms that values of properties have everywhere. */
export const text = z.string().min(1);
export const texts = z.array(text);
export const count = z.number().int().positive();

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

/** Keys of VM types where the cloud has sizes by name. */
export function namedSizes(name: string): PropertyRule[] {
  return [
    { place: "vm_types", key: "load_balancer", becomes: "a load balancer of the deployment" },
    { place: "vm_types", key: "memoryMiB", becomes: `nothing: the ${name} says it; local environments and policies read it` },
    { place: "vm_types", key: "cpus", becomes: "nothing: as above" },
  ];
}

/** @param whose names the thing in errors: `VM of web/1`; @throws IaasError `iaas.cloud-property` */
export type PropertyReader = <T>(place: Place, whose: string, given: Readonly<Record<string, unknown>>) => T;

/** Checks the cloud properties of one place against an adapter's list, whose page is `docs/reference/ADAPTER.md`. */
export function propertyReader(list: readonly PropertyRule[], adapter: string): PropertyReader {
  return <T>(place: Place, whose: string, given: Readonly<Record<string, unknown>>) => checkProperties<T>(list, place, whose, given, `docs/reference/${adapter}.md`);
}

/**
 * The properties of a VM, which are those of its AZ, type and extensions in one, where a size has a name.
 *
 * @param size what the cloud calls it, and an example of one
 * @throws IaasError `iaas.cloud-property`, also without an `instance_type`
 */
export function readSizedVm<T extends { instance_type?: string }>(read: PropertyReader, whose: string, given: Readonly<Record<string, unknown>>, size: { name: string; example: string }): T & { instance_type: string } {
  const properties = read<T>("vm_types", whose, given);
  if (properties.instance_type !== undefined) return { ...properties, instance_type: properties.instance_type };
  throw new IaasError("iaas.cloud-property", `The ${whose} has no ${size.name}`, { method: "create_vm", hint: `its VM type needs 'cloud_properties: { instance_type: ${size.example} }'` });
}

/** An adapter's list as a table, for its page. */
export function propertyTable(list: readonly PropertyRule[]): string {
  const rows = list.map(({ place, key, becomes, refused }) => `| ${place} | \`${key}\` | ${becomes ?? `refused: ${refused}`} |`);
  return ["| where | key | what it becomes |", "|---|---|---|", ...rows].join("\n");
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
