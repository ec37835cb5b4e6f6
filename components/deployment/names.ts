import { RepaveError } from "../../director/core/errors.ts";
import { canonicalize } from "../../director/dns/canonical.ts";

const taken = new WeakMap<object, Set<string>>();

/**
 * Takes a deployment's name in an environment.
 *
 * @throws RepaveError `manifest.invalid` (190009) when another deployment of it has a name that is the same in DNS
 */
export function claimName(environment: object, name: string): void {
  const names = taken.get(environment) ?? new Set();
  taken.set(environment, names);
  const inDns = canonicalize(name);
  if (names.has(inDns)) {
    throw new RepaveError("manifest.invalid", `Invalid deployment name '${name}', canonical name already taken ('${inDns}')`, { details: { directorCode: 190009 }, hint: "deployments of one environment need names that differ in more than case, '_' and '-'" });
  }
  names.add(inDns);
}
