import path from "node:path";
import { RepaveError } from "../../director/core/errors.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import { readIfThere } from "./files.ts";

export interface FolderConfig {
  name: string;
  noCompression: boolean;
}

/**
 * What `config/final.yml` says of a release folder; `name` (given by the user) wins over the file's.
 *
 * @throws RepaveError `release.name` in the CLI's words when there is no name, or both `name` and `final_name`.
 */
export async function readFolderConfig(releaseDir: string, name?: string): Promise<FolderConfig> {
  const file = path.join(releaseDir, "config", "final.yml");
  const document = new SpecDocument((await readIfThere(file)) ?? "", file);
  const noCompression = document.value("no_compression") === true;
  if (name !== undefined && name !== "") return { name, noCompression };
  const texts = document.texts();
  const [own, legacy] = [texts.get("name") || "", texts.get("final_name") || ""];
  if (own !== "" && legacy !== "") throw new RepaveError("release.name", `Check that you're in the top-level of the release directory: Expected 'name' or 'final_name' but not both in config '${file}'`);
  const found = own === "" ? legacy : own;
  if (typeof found !== "string" || found === "") {
    throw new RepaveError("release.name", `Check that you're in the top-level of the release directory: Expected non-empty 'name' in config '${file}'`, { details: { folder: releaseDir } });
  }
  return { name: found, noCompression };
}
