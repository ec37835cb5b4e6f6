import { z } from "zod";
import { metaOf } from "./kinds.ts";
import { unwrap } from "./read.ts";

interface Section {
  title: string;
  schema: z.ZodObject;
}

/** The reference of a document's keys as Markdown, one section per map in it, written from the schema that reads it. */
export function referenceOf(title: string, intro: string, schema: z.ZodObject): string {
  const sections = sectionsOf({ title, schema }, new Set());
  return [`# ${title}`, "", intro, "", ...sections.flatMap((section, i) => sectionText(section, i === 0))].join("\n");
}

function sectionsOf(section: Section, seen: Set<z.ZodObject>): Section[] {
  if (seen.has(section.schema)) return [];
  seen.add(section.schema);
  const below = Object.entries(section.schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) => {
    const inner = innerOf(unwrap(field));
    return inner === undefined ? [] : sectionsOf({ title: `${pathOf(section.title)}${key}${inner.suffix}`, schema: inner.schema }, seen);
  });
  return [section, ...below];
}

/** Sections below the document itself are named by their path; the document's own title is none. */
function pathOf(title: string): string {
  return title.includes(" ") ? "" : `${title}.`;
}

function innerOf(schema: z.ZodType): { schema: z.ZodObject; suffix: string } | undefined {
  if (schema instanceof z.ZodObject) return { schema, suffix: "" };
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject) return { schema: schema.element, suffix: "[]" };
  const meta = metaOf(schema);
  if (meta?.keys !== undefined) return { schema: meta.keys, suffix: "" };
  return meta?.itemKeys === undefined ? undefined : { schema: meta.itemKeys, suffix: meta.directorType === "Array" ? "[]" : ".NAME" };
}

function sectionText({ title, schema }: Section, top: boolean): string[] {
  const rows = Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => {
    const inner = unwrap(field);
    const meta = metaOf(inner);
    const values = meta?.values === undefined ? "" : ` One of ${meta.values.map((value) => `\`${value}\``).join(", ")}.`;
    const least = meta?.min === undefined ? "" : ` At least ${meta.min}.`;
    const description = (meta?.description ?? metaOf(innerOf(inner)?.schema ?? inner)?.description ?? "").replaceAll("|", "\\|");
    return `| \`${key}\` | ${typeText(inner)} | ${field instanceof z.ZodOptional ? "" : "yes"} | ${description}.${values}${least} |`;
  });
  const heading = top ? [] : [`## \`${title}\``, "", `${metaOf(schema)?.description ?? ""}.`, ""];
  return [...heading, "| key | type | required | meaning |", "| --- | --- | --- | --- |", ...rows, ""];
}

function typeText(schema: z.ZodType): string {
  const inner = innerOf(schema);
  if (inner?.suffix === "[]") return "list of maps";
  if (inner?.suffix === ".NAME") return "map of maps";
  const names = { String: "text or number", Integer: "integer", boolean: "boolean", Hash: "map", Array: "list", untyped: "any" };
  return names[metaOf(schema)?.directorType ?? "untyped"];
}
