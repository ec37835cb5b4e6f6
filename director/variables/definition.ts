import type { YamlValue } from "../yaml/value.ts";

/** An entry of a manifest's `variables`. Without a type it is only a name: nothing is generated. */
export interface VariableDefinition {
  name: string;
  /** `password`, `certificate`, `rsa` or `ssh`; others (`user`, `json` ...) exist only with a config server. */
  type: string;
  /** Settings of the type; null when there are none. */
  options: YamlValue;
}

export interface CertificateValue {
  /** Certificate of the signer; of a self-signed CA its own. PEM. */
  ca: string;
  /** PEM, one block. */
  certificate: string;
  /** PKCS#1 PEM. */
  private_key: string;
}

export interface RsaValue {
  /** PKCS#1 PEM. */
  private_key: string;
  /** SPKI PEM. */
  public_key: string;
}

export interface SshValue {
  /** PKCS#1 PEM. */
  private_key: string;
  /** A line for `authorized_keys`, with its line end. */
  public_key: string;
  /** MD5, hex pairs with colons. */
  public_key_fingerprint: string;
}

/** What BOSH stores for a generated variable, by type. */
export interface GeneratedValues {
  password: string;
  certificate: CertificateValue;
  rsa: RsaValue;
  ssh: SshValue;
}

export type GeneratedType = keyof GeneratedValues;

/** A certificate and its key, as a CA is given to `generateVariable`. */
export type Signer = Pick<CertificateValue, "certificate" | "private_key">;

const generatedTypes: readonly string[] = ["password", "certificate", "rsa", "ssh"] satisfies GeneratedType[];

export function isGeneratedType(type: string): type is GeneratedType {
  return generatedTypes.includes(type);
}
