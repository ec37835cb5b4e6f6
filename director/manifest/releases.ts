import type { z } from "zod";
import type { ReleaseSpec, StemcellRef } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import type { Report, YamlPath } from "../spec/issues.ts";
import type { releaseSchema } from "../spec/manifest-schema.ts";
import { isHash, type Readable } from "../spec/read.ts";

type ReleaseInput = Readable<z.output<typeof releaseSchema>>;

const goodName = /^[-0-9A-Za-z_+.]+$/;

export function readReleases(list: readonly (ReleaseInput | undefined)[], path: YamlPath, report: Report): ReleaseSpec[] {
  const releases = list.flatMap((item, i) => (item === undefined ? [] : (readRelease(item, [...path, i], report) ?? [])));
  for (const i of repeated(releases, (release) => release.name)) {
    report.add([...path, i], `Duplicate release name '${releases[i]!.name}'`, { directorCode: 190002 });
  }
  return releases;
}

export function readRelease(item: ReleaseInput, path: YamlPath, report: Report): ReleaseSpec | undefined {
  const { name, version } = item;
  if (name === undefined) return undefined;
  if (!goodName.test(name)) report.add([...path, "name"], `Release name '${name}' may only contain letters, digits and -_+.`);
  const exportedFrom = (item.exported_from ?? []).flatMap((ref): StemcellRef[] =>
    ref?.os === undefined || ref.version === undefined ? [] : [{ os: ref.os, version: ref.version }],
  );
  const stemcell = refOf(item.stemcell);
  return {
    name,
    version: version ?? "",
    ...(item.url === undefined ? {} : { url: item.url }),
    ...(item.sha1 === undefined ? {} : { sha1: item.sha1 }),
    ...(stemcell === undefined ? {} : { stemcell }),
    exportedFrom,
  };
}

function refOf(value: unknown): StemcellRef | undefined {
  return isHash(value) && value["os"] !== undefined ? { os: String(value["os"]), version: String(value["version"] ?? "") } : undefined;
}
