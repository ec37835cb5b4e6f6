import { RepaveError } from "../core/errors.ts";
import type { CpiSpec } from "../spec/cloud-config.ts";
import { cpiConfigSchema } from "../spec/config-schema.ts";
import { repeated } from "../spec/duplicates.ts";
import { deepFreeze, frozenCopy } from "../spec/freeze.ts";
import { Report, throwIssues } from "../spec/issues.ts";
import { isHash, read } from "../spec/read.ts";

/** Joins several CPI configs into one value for `parseCpiConfig`. */
export function mergeCpiConfigs(configs: readonly unknown[]): { cpis: unknown[] } {
  return { cpis: configs.flatMap((config) => (isHash(config) && Array.isArray(config["cpis"]) ? (config["cpis"] as unknown[]) : [])) };
}

/**
 * Reads a CPI config: the CPIs that AZs may name.
 *
 * @throws RepaveError `manifest.invalid` with every issue in `details.issues`
 */
export function parseCpiConfig(given: unknown, options: { strict?: boolean; document?: string } = {}): CpiSpec[] {
  const value = frozenCopy(given);
  const report = new Report(options.document ?? "CPI config", value, { strict: options.strict });
  const input = read(cpiConfigSchema, value, [], report);
  const cpis = (input?.cpis ?? []).flatMap((cpi): CpiSpec[] => {
    if (cpi?.name === undefined || cpi.type === undefined) return [];
    return [
      {
        name: cpi.name,
        type: cpi.type,
        execPath: cpi.exec_path ?? `/var/vcap/jobs/${cpi.type}_cpi/bin/cpi`,
        properties: cpi.properties ?? {},
        migratedFrom: (cpi.migrated_from ?? []).flatMap((entry) => entry?.name ?? []),
      },
    ];
  });
  const names = cpis.flatMap((cpi, index) => [...cpi.migratedFrom, cpi.name].map((name) => ({ name, index })));
  for (const i of repeated(names, (entry) => entry.name)) {
    report.add(["cpis", names[i]!.index], `Duplicate cpi name '${names[i]!.name}'`, { directorCode: 550000 });
  }
  throwIssues("The CPI config", report.issues);
  return deepFreeze(cpis);
}

/**
 * The CPI an AZ means: by its name, or by one of its former names.
 *
 * @throws RepaveError `manifest.unknown-cpi` (Director 550001)
 */
export function findCpi(cpis: readonly CpiSpec[], name: string): CpiSpec {
  const found = cpis.find((cpi) => cpi.name === name || cpi.migratedFrom.includes(name));
  if (found !== undefined) return found;
  throw new RepaveError("manifest.unknown-cpi", `CPI '${name}' not found in cpi-config`, { details: { directorCode: 550001, name } });
}
