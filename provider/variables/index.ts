import { type CertificateValue, type GeneratedValues, type Signer, type VariableDefinition } from "../../director/variables/definition.ts";
import { generateVariable as generateWith, type LeafRequest, signLeaf as signWith } from "../../director/variables/generate.ts";
import { systemKeys } from "./system-keys.ts";

export type { CertificateValue, GeneratedValues, RsaValue, Signer, SshValue } from "../../director/variables/definition.ts";

export interface GenerateVariableArgs {
  definition: Pick<VariableDefinition, "name" | "type"> & { options?: unknown };
  /** Signs a certificate whose options name a `ca`. */
  ca?: Signer | undefined;
  /** Begin of validity of a certificate. */
  now: Date;
}

/**
 * Generates a value in the form BOSH gives a variable of its type: `password`, `certificate`, `rsa` or `ssh`, options as in BOSH.
 *
 * @throws RepaveError `credential.*`.
 */
export function generateVariable({ definition, ca, now }: GenerateVariableArgs): Promise<GeneratedValues[keyof GeneratedValues]> {
  return generateWith({ definition, ca: () => ca, now, keys: systemKeys });
}

/**
 * Signs a certificate with a CA of a BOSH variable: RSA, both directions of TLS unless given, `days` from `now`.
 *
 * @example
 * const { certificate, private_key, ca } = await signLeaf({ ca: agentCa, commonName: agentId, alternativeNames: [ip], days: 365, now });
 */
export function signLeaf(request: Omit<LeafRequest, "keys">): Promise<CertificateValue> {
  return signWith({ ...request, keys: systemKeys });
}
