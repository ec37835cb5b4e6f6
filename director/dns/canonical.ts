import { RepaveError } from "../core/errors.ts";

/**
 * The form a name takes in DNS: lower case, `_` as `-`, everything else outside `[a-z0-9-]` dropped.
 *
 * @throws RepaveError `dns.invalid-name` (Director 420001) when what is left starts or ends with a hyphen
 */
export function canonicalize(name: string): string {
  const canonical = name.toLowerCase().replaceAll("_", "-").replaceAll(/[^a-z0-9-]/g, "");
  const complain = (what: string): RepaveError =>
    new RepaveError("dns.invalid-name", `Invalid DNS canonical name '${canonical}', cannot ${what} with a hyphen`, {
      details: { directorCode: 420001, name },
    });
  if (canonical.startsWith("-")) throw complain("start");
  if (canonical.endsWith("-")) throw complain("end");
  return canonical;
}
