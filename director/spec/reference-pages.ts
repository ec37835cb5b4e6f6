import type { z } from "zod";
import { cloudConfigSchema, cpiConfigSchema, runtimeConfigSchema } from "./config-schema.ts";
import { manifestSchema } from "./manifest-schema.ts";
import { referenceOf } from "./reference.ts";

const rules =
  "Written from the schemas by `scripts/reference.mjs`; change them, not this page.\n\n" +
  "Rules for every key: a key that is absent takes its default; an explicit null is an error unless the type is *any*; where text is\n" +
  "wanted a number is taken and turned into text; unknown keys are ignored, but refused in strict mode with the nearest known one named.\n" +
  "All mistakes are reported at once, each with the Director's sentence and number and its path in the form ops files use.";

const pages: readonly [file: string, title: string, about: string, schema: z.ZodObject][] = [
  ["manifest.md", "Deployment manifest", "What `Deployment`, `repave plan` and `repave manifest` read, after ops files and variables.", manifestSchema],
  ["cloud-config.md", "Cloud config", "AZs, networks, sizes and where packages are compiled. Several are merged: lists are joined, `compilation` comes from one.", cloudConfigSchema],
  ["runtime-config.md", "Runtime config", "Addons for every deployment. A release joins a deployment only with an addon that applies to it.", runtimeConfigSchema],
  ["cpi-config.md", "CPI config", "CPIs by name. With any, every AZ of the cloud config names one.", cpiConfigSchema],
];

/** The reference pages, by the name of their file under `docs/reference`. */
export function referencePages(): { file: string; text: string }[] {
  return pages.map(([file, title, about, schema]) => ({ file, text: referenceOf(title, `${about}\n\n${rules}`, schema) }));
}
