import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { RepaveError } from "../../director/core/errors.ts";

export interface Project {
  folder: string;
  name: string;
  /** The compiled program that an inline run loads; undefined when only a language host can run it. */
  program: string | undefined;
}

/** The Pulumi project of a folder or the nearest one above it. */
export function findProject(from: string): Project {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const file = path.join(folder, "Pulumi.yaml");
    if (existsSync(file)) return readProject(folder, file);
    if (folder === path.dirname(folder)) break;
  }
  throw new RepaveError("cli.no-project", `No Pulumi.yaml in ${path.resolve(from)} or above it`, { hint: "run this in a checkout, or in a project that imports repave" });
}

function readProject(folder: string, file: string): Project {
  let settings: { name?: unknown; main?: unknown };
  try {
    settings = parse(readFileSync(file, "utf8")) as typeof settings;
  } catch (cause) {
    throw new RepaveError("cli.bad-project", `${file} is not YAML`, { cause });
  }
  if (typeof settings?.name !== "string") throw new RepaveError("cli.bad-project", `${file} has no project name`, { hint: "add 'name: ...'" });
  const main = path.resolve(folder, typeof settings.main === "string" ? settings.main : ".");
  const program = [main, path.join(main, "index.js"), `${main}.js`].find((f) => f.endsWith(".js") && existsSync(f));
  return { folder, name: settings.name, program };
}
