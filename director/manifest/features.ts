import type { FeaturesSpec } from "../spec/deployment.ts";
import { rubyClass } from "../spec/inspect.ts";
import type { Report } from "../spec/issues.ts";

const keys = ["use_dns_addresses", "use_link_dns_names", "use_short_dns_addresses", "randomize_az_placement", "converge_variables", "use_tmpfs_config"] as const;

export function readFeatures(input: Readonly<Record<string, unknown>> | undefined, report: Report): FeaturesSpec {
  const given = input ?? {};
  for (const key of keys) {
    if (given[key] === undefined || typeof given[key] === "boolean") continue;
    const message = `Key '${key}' in 'features' expected to be a boolean, but received '${rubyClass(given[key])}'`;
    report.add(["features", key], message, { directorCode: 560001 });
  }
  const value = (key: (typeof keys)[number]): boolean | undefined => (typeof given[key] === "boolean" ? given[key] : undefined);
  const linkNames = value("use_link_dns_names");
  for (const key of ["use_short_dns_addresses", "use_dns_addresses"] as const) {
    if (linkNames !== true || value(key) !== false) continue;
    report.add(["features", key], `cannot enable \`use_link_dns_names\` when \`${key}\` is explicitly disabled`, { directorCode: 210001 });
  }
  // the Director's quirk: without a value of its own, use_dns_addresses takes that of use_link_dns_names, a false one included
  const dns = value("use_dns_addresses") ?? linkNames;
  const tmpfs = value("use_tmpfs_config");
  return {
    ...(dns === undefined ? {} : { useDnsAddresses: dns }),
    useShortDnsAddresses: value("use_short_dns_addresses") ?? linkNames ?? false,
    useLinkDnsNames: linkNames ?? false,
    randomizeAzPlacement: value("randomize_az_placement") ?? false,
    convergeVariables: value("converge_variables") ?? false,
    ...(tmpfs === undefined ? {} : { useTmpfsConfig: tmpfs }),
  };
}
