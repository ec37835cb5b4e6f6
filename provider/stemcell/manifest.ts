import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";

const text = z.union([z.string(), z.number()]).transform(String);

const schema = z.object({
  name: text,
  version: text,
  /** Of `image`. */
  sha1: z.string().min(1),
  operating_system: z.string().min(1),
  cloud_properties: z.record(z.string(), z.any()).default({}),
});

/** What `stemcell.MF` says, as far as it matters here. */
export type StemcellManifest = z.infer<typeof schema>;

/** @throws RepaveError `iaas.stemcell` with every finding */
export function readStemcellManifest(value: unknown, noun: string): StemcellManifest {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  throw new RepaveError("iaas.stemcell", `The stemcell.MF of ${noun} can't be used: ${problems.join("; ")}`, { details: { problems } });
}

/** @throws RepaveError `iaas.stemcell` if it is not the one that is meant */
export function checkStemcell({ name, version, operating_system: os, cloud_properties: properties }: StemcellManifest, wanted: { os: string; version: string; infrastructure: string }, noun: string): void {
  const infrastructure = String(properties["infrastructure"] ?? "");
  const found = [os === wanted.os && version === wanted.version ? "" : `it is ${os}/${version}, not ${wanted.os}/${wanted.version}`, infrastructure === wanted.infrastructure ? "" : `it is for ${infrastructure || "an IaaS it does not tell"}, not ${wanted.infrastructure}`];
  const wrong = found.filter((part) => part !== "");
  if (wrong.length > 0) throw new RepaveError("iaas.stemcell", `${noun} is not the stemcell that is meant: ${wrong.join("; ")}`, { details: { name }, hint: "give the file of that stemcell, or name this one in the manifest" });
}
