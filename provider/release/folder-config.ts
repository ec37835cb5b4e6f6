import path from "node:path";
import { z } from "zod";
import { messageOf, RepaveError } from "../../director/core/errors.ts";
import { checked } from "../../director/release/package-spec.ts";
import { SpecDocument } from "../../director/release/yaml.ts";
import { readIfThere } from "./files.ts";

export interface FolderConfig {
  name: string;
  noCompression: boolean;
}

const text = z.string().nullish().transform((v) => v ?? "");
const blobstoreSchema = z.object({ provider: text, options: z.record(z.string(), z.unknown()).nullish() }).nullish();
const finalSchema = z.object({ name: text, final_name: text, blobstore: blobstoreSchema, no_compression: z.string().nullish() });
const privateSchema = z.object({ blobstore: blobstoreSchema });

/**
 * What `config/final.yml` says of a release folder; `name` (given by the user) wins over the file's.
 *
 * @throws RepaveError `release.name` in the CLI's words when there is no name, or both `name` and `final_name`; `release.config` when
 *   `final.yml` or `private.yml` is malformed.
 */
export async function readFolderConfig(releaseDir: string, name?: string): Promise<FolderConfig> {
  const file = path.join(releaseDir, "config", "final.yml");
  const read = await readConfig(file, finalSchema);
  await readConfig(path.join(releaseDir, "config", "private.yml"), privateSchema);
  const flag = read.document.value("no_compression") ?? false;
  if (typeof flag !== "boolean") throw new RepaveError("release.config", `Unmarshalling config '${file}': 'no_compression' is neither true nor false`);
  if (name !== undefined && name !== "") return { name, noCompression: flag };
  const { name: own, final_name: legacy } = read.value;
  const top = "Check that you're in the top-level of the release directory";
  if (own !== "" && legacy !== "") throw new RepaveError("release.name", `${top}: Expected 'name' or 'final_name' but not both in config '${file}'`);
  if (own === "" && legacy === "") throw new RepaveError("release.name", `${top}: Expected non-empty 'name' in config '${file}'`, { details: { folder: releaseDir } });
  return { name: own || legacy, noCompression: flag };
}

async function readConfig<T>(file: string, schema: z.ZodType<T>): Promise<{ document: SpecDocument; value: T }> {
  const source = (await readIfThere(file)) ?? "";
  try {
    const document = new SpecDocument(source, file);
    return { document, value: checked(schema, document.texts()) };
  } catch (cause) {
    // What stands in private.yml are credentials: the reader's words about it stay out.
    const why = path.basename(file) === "private.yml" ? "it is malformed" : messageOf(cause);
    throw new RepaveError("release.config", `Unmarshalling config '${file}': ${why}`, path.basename(file) === "private.yml" ? {} : { cause });
  }
}
