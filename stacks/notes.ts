import * as pulumi from "@pulumi/pulumi";

/** Has a preview say what no plan of resources does: what costs, and the limits that are met first. */
export function sayInPreview(lines: readonly string[]): void {
  if (pulumi.runtime.isDryRun()) void pulumi.log.info(lines.join("\n"));
}
