import { readFileSync } from "node:fs";
import path from "node:path";

/** The version in the package.json of the package this file belongs to, from the sources or from dist/. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(path.join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}

/** The folder of the repave package: the checkout, or the installed npm package. */
export function packageRoot(): string {
  const above = path.resolve(__dirname, "..");
  return path.basename(above) === "dist" ? path.dirname(above) : above;
}
