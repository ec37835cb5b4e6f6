import { isOpenVersion, resolveVersion } from "../release/version.ts";
import type { z } from "zod";
import type { StemcellSpec } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import { inspect } from "../spec/inspect.ts";
import type { Report, YamlPath } from "../spec/issues.ts";
import type { stemcellSchema } from "../spec/manifest-schema.ts";
import type { Readable } from "../spec/read.ts";

type StemcellInput = Readable<z.output<typeof stemcellSchema>>;

/** The versions at hand of an operating system's stemcell; undefined where every version can be had. */
export type StemcellVersions = (os: string) => readonly string[] | undefined;

/** Reads the `stemcells`. With versions at hand, `latest` and `PREFIX.latest` take the greatest that fits; without, they stay as written. */
export function readStemcells(list: readonly (StemcellInput | undefined)[], versions: StemcellVersions | undefined, path: YamlPath, report: Report): StemcellSpec[] {
  const stemcells = list.flatMap((item, i): StemcellSpec[] => {
    if (item === undefined) return [];
    if (item.name === undefined && item.os === undefined && item.version !== undefined) {
      report.add([...path, i], `Required property 'os' or 'name' was not specified in object (${inspect(item)})`, { directorCode: 40001 });
    }
    if (item.alias === undefined) return [];
    const stemcell = {
      alias: item.alias,
      ...(item.os === undefined ? {} : { os: item.os }),
      ...(item.name === undefined ? {} : { name: item.name }),
      version: item.version ?? "",
    };
    const version = versions === undefined ? stemcell.version : resolved(stemcell, versions, [...path, i, "version"], report);
    return [{ ...stemcell, version, ...(version === stemcell.version ? {} : { wanted: stemcell.version }) }];
  });
  for (const i of repeated(stemcells, (stemcell) => stemcell.alias)) {
    report.add([...path, i], `Duplicate stemcell alias '${stemcells[i]!.alias}'`, { directorCode: 50005 });
  }
  return stemcells;
}

/** The first version of all: what `latest` means where every version can be had. */
const first = "1";

function resolved(stemcell: StemcellSpec, versions: StemcellVersions, path: YamlPath, report: Report): string {
  const { version } = stemcell;
  if (!isOpenVersion(version)) return version;
  const prefix = /^(.+)\.latest$/.exec(version)?.[1];
  const os = stemcellOs(stemcell);
  const atHand = os === undefined ? [] : versions(os);
  if (atHand === undefined) return prefix ?? first;
  // old stemcells have `_` where later ones have `.`
  const written = new Map(atHand.map((item) => [item.replaceAll("_", "."), item]));
  const found = resolveVersion(version, [...written.keys()]);
  if (found !== undefined) return written.get(found)!;
  const noun = stemcell.name === undefined ? `Stemcell with Operating System '${os ?? ""}'` : `Stemcell '${stemcell.name}'`;
  const message = atHand.length === 0 ? `${noun} doesn't exist` : `${noun} exists, but version with prefix '${prefix ?? ""}' not found.`;
  report.add(path, message, { directorCode: 50003, hint: atHand.length === 0 ? "give the version itself, or tell the IaaS which stemcells there are" : `there are ${atHand.join(", ")}` });
  return version;
}

/** The operating system of a stemcell, read from its full name when the manifest gives only that. */
export function stemcellOs(stemcell: Pick<StemcellSpec, "os" | "name">): string | undefined {
  return stemcell.os ?? /-((?:ubuntu|centos|windows|opensuse)[\w.-]*?)(?:-go_agent)?(?:-raw)?$/.exec(stemcell.name ?? "")?.[1];
}
