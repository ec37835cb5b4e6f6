// Writes the reference pages of manifests and configs from the schemas that read them. Run: node --import tsx scripts/reference.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const { referencePages } = await import("../director/spec/reference-pages.ts");
const folder = path.resolve(import.meta.dirname, "../docs/reference");
mkdirSync(folder, { recursive: true });
for (const { file, text } of referencePages()) writeFileSync(path.join(folder, file), text);
