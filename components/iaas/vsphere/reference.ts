import { propertyRules } from "./cloud-properties.ts";

/** The table of cloud properties in docs/reference/vsphere.md, between its marks. */
export function propertyTable(): string {
  const rows = propertyRules.map(({ place, key, becomes, refused }) => `| ${place} | \`${key}\` | ${becomes ?? `refused: ${refused}`} |`);
  return ["| where | key | what it becomes |", "|---|---|---|", ...rows].join("\n");
}
