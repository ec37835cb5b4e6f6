// Writes the page of documented deviations. Run: node --import tsx scripts/what-differs.mjs
import { writeFileSync } from "node:fs";
import path from "node:path";

const { whatDiffersPage } = await import("../director/deviations.ts");
writeFileSync(path.resolve(import.meta.dirname, "../docs/reference/what-differs.md"), whatDiffersPage());
