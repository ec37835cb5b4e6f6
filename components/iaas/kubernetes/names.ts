import { createHash } from "node:crypto";
import type { Tags } from "../port.ts";

const LONGEST = 63;
const MARK = 8;

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A name that every kind of object takes (RFC 1035), the same for the same parts; what had to be changed or cut is told apart by a digest. */
export function objectName(...parts: string[]): string {
  const wanted = parts.join("-");
  const plain = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, "-").replace(/^[^a-z]+|-+$/g, "");
  if (plain === wanted && plain.length <= LONGEST) return plain;
  return `${plain.slice(0, LONGEST - MARK - 1).replace(/-+$/, "")}-${digestOf(wanted).slice(0, MARK)}`.replace(/^-/, "x-");
}

/** The value as a label has it: selectors compare these. */
export function labelValue(value: string): string {
  const plain = value.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  if (plain === value && plain.length <= LONGEST) return plain;
  return `${plain.slice(0, LONGEST - MARK - 1)}-${digestOf(value).slice(0, MARK)}`.replace(/^[^A-Za-z0-9]+/, "");
}

/** Which tag is which label; the others are annotations. */
const labels: Record<string, string> = {
  environment: "bosh.io/environment",
  deployment: "bosh.io/deployment",
  instance_group: "bosh.io/group",
  id: "bosh.io/id",
  index: "bosh.io/index",
};

/** Which VM a Pod is: what leads to its address. */
export const vmLabel = "bosh.io/vm";

export function labelsOf(tags: Tags): Record<string, string> {
  const own = Object.entries(labels).flatMap(([tag, label]) => (tags[tag] === undefined ? [] : [[label, labelValue(tags[tag])]]));
  return { "app.kubernetes.io/managed-by": "repave", ...(Object.fromEntries(own) as Record<string, string>) };
}

/** Every tag under BOSH's prefix, unchanged: labels are cut. */
export function annotationsOf(tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`bosh.io/${labelValue(key)}`, value]));
}

/** Labels that select an environment's VMs, or one group's. */
export function selectorOf(owner: { environment: string; deployment?: string; group?: string }): Record<string, string> {
  const { environment, deployment, group } = owner;
  const { "app.kubernetes.io/managed-by": _, ...selector } = labelsOf({ environment, ...(deployment === undefined ? {} : { deployment }), ...(group === undefined ? {} : { instance_group: group }) });
  return { ...selector };
}
