import type { ReleaseSpec, StemcellRef, StemcellSpec } from "../spec/deployment.ts";
import type { Report } from "../spec/issues.ts";
import type { GroupDraft } from "./addons.ts";
import { stemcellOs } from "./stemcells.ts";

/** A release exported from stemcells may only run on one of the same OS and the same major version. */
export function checkExportedFrom(groups: readonly GroupDraft[], releases: readonly ReleaseSpec[], stemcells: readonly StemcellSpec[], report: Report): void {
  for (const [i, group] of groups.entries()) {
    const stemcell = stemcells.find((item) => item.alias === group.stemcell);
    const os = stemcell && stemcellOs(stemcell);
    if (stemcell === undefined || os === undefined || /(^|\.)latest$/.test(stemcell.version)) continue;
    for (const name of new Set(group.jobs.map((job) => job.release))) {
      const refs = releases.find((item) => item.name === name)?.exportedFrom ?? [];
      if (refs.length === 0 || refs.some((ref) => fits(ref, { os, version: stemcell.version }))) continue;
      const desc = `${stemcell.name ?? os}/${stemcell.version}`;
      const from = refs.map((ref) => `'${ref.os}/${ref.version}'`).join(", ");
      const message =
        `Invalid release detected in instance group '${group.name}' using stemcell '${desc}': ` +
        `release '${name}' must be exported from stemcell '${desc}'. Release '${name}' is exported from: ${from}.`;
      report.add(["instance_groups", i], message, { directorCode: 80015 });
    }
  }
}

function fits(ref: StemcellRef, stemcell: StemcellRef): boolean {
  const major = (version: string): string => version.replaceAll("_", ".").split(".")[0]!;
  return ref.os === stemcell.os && major(ref.version) === major(stemcell.version);
}
