import { RepaveError } from "../core/errors.ts";
import { wrapError } from "../core/wrap-error.ts";
import { certificateBody, signedCertificate } from "./certificate.ts";
import type { CertificateValue, GeneratedValues, RsaValue, Signer, SshValue, VariableDefinition } from "./definition.ts";
import { concatBytes } from "./der.ts";
import type { Keys, RsaKey } from "./keys.ts";
import { type CertificateOptions, certificateOptions, passwordLength } from "./options.ts";
import { pemBlock } from "./pem.ts";
import { type LoadedSigner, loadSigner } from "./signer.ts";

const plainKeyBits = 2048;
const passwordLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
const serialBytes = 16;

export interface GenerationInput {
  definition: Pick<VariableDefinition, "name" | "type"> & { options?: unknown };
  /** Answers the variable that the option `ca` names; undefined when there is none. */
  ca?: (name: string) => Signer | undefined | Promise<Signer | undefined>;
  /** Begin of validity of a certificate. */
  now: Date;
  keys: Keys;
}

/**
 * Generates the value of a variable, in BOSH's form and with BOSH's defaults.
 *
 * @throws RepaveError `credential.*` with BOSH's words: `Generating variable 'NAME': ...`.
 */
export async function generateVariable({ definition, ca, now, keys }: GenerationInput): Promise<GeneratedValues[keyof GeneratedValues]> {
  try {
    switch (definition.type) {
      case "password":
        return password(passwordLength(definition.options), keys);
      case "rsa":
        return rsaValue(await keys.rsaKey(plainKeyBits));
      case "ssh":
        return sshValue(await keys.rsaKey(plainKeyBits), keys);
      case "certificate":
        return await certificate(certificateOptions(definition.options), { ca, now, keys });
      default:
        throw new RepaveError("credential.type", `Unsupported value type: ${definition.type}`, {
          hint: "password, certificate, rsa and ssh can be generated; give other values with -v, -l or a vars store",
        });
    }
  } catch (error) {
    throw wrapError(error, `Generating variable '${definition.name}'`, { variable: definition.name });
  }
}

function password(length: number, keys: Keys): string {
  return Array.from({ length }, () => passwordLetters.charAt(keys.randomInt(passwordLetters.length))).join("");
}

function rsaValue(key: RsaKey): RsaValue {
  return { private_key: key.privateKey, public_key: pemBlock("PUBLIC KEY", key.publicKey) };
}

function sshValue(key: RsaKey, keys: Keys): SshValue {
  const field = (bytes: Uint8Array) => concatBytes([uint32(bytes.length), bytes]);
  const integer = (bytes: Uint8Array) => field((bytes[0] as number) >= 0x80 ? concatBytes([Uint8Array.of(0), bytes]) : bytes);
  const blob = concatBytes([field(new TextEncoder().encode("ssh-rsa")), integer(key.exponent), integer(key.modulus)]);
  const digest = Array.from(keys.digest("md5", blob), (byte) => byte.toString(16).padStart(2, "0"));
  const base64 = btoa(Array.from(blob, (byte) => String.fromCharCode(byte)).join(""));
  return { private_key: key.privateKey, public_key: `ssh-rsa ${base64}\n`, public_key_fingerprint: digest.join(":") };
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

async function certificate(options: CertificateOptions, { ca, now, keys }: Omit<GenerationInput, "definition">): Promise<CertificateValue> {
  const signer = options.ca === "" ? undefined : await namedSigner(options.ca, { ca, keys });
  if (!signer && !options.isCa) throw new RepaveError("credential.options", "Missing required CA name");
  return issue({ options, signer, now, keys });
}

async function namedSigner(name: string, { ca, keys }: Pick<GenerationInput, "ca" | "keys">): Promise<LoadedSigner> {
  try {
    const found = await ca?.(name);
    if (found) return loadSigner(found, keys);
  } catch (error) {
    throw wrapError(error, "Loading certificates");
  }
  throw new RepaveError("credential.missing-ca", `Loading certificates: Expected to find variable '${name}' with a certificate`, {
    details: { ca: name },
    hint: `define '${name}' before what it signs, or give it with -l`,
  });
}

async function issue(input: { options: CertificateOptions; signer: LoadedSigner | undefined; now: Date; keys: Keys }): Promise<CertificateValue> {
  const { options, signer, now, keys } = input;
  const body = (key: RsaKey) =>
    certificateBody({
      options,
      now,
      serial: keys.randomBytes(serialBytes),
      publicKey: key.publicKey,
      subjectKeyId: keys.digest("sha1", key.modulus),
      ...(signer ? { issuer: { name: signer.name, keyId: signer.keyId } } : {}),
    });
  const key = await keys.rsaKey(options.keyLength);
  const tbs = body(key);
  const certificate = pemBlock("CERTIFICATE", signedCertificate(tbs, keys.sign(signer?.privateKey ?? key.privateKey, tbs)));
  return { ca: signer ? pemBlock("CERTIFICATE", signer.certificate) : certificate, certificate, private_key: key.privateKey };
}

export interface LeafRequest {
  ca: Signer;
  commonName: string;
  /** IP addresses and DNS names, mixed. */
  alternativeNames: readonly string[];
  /** Lifetime. */
  days: number;
  now: Date;
  keys: Keys;
  /** Default: both directions, since an agent serves and asks with the same certificate. */
  extendedKeyUsage?: readonly ("client_auth" | "server_auth")[];
  /** Default 2048. */
  keyLength?: 2048 | 3072 | 4096;
}

/** Signs a certificate for one agent or service. @throws RepaveError `credential.ca` when the CA cannot be used. */
export async function signLeaf(request: LeafRequest): Promise<CertificateValue> {
  const { ca, commonName, alternativeNames, days, now, keys, extendedKeyUsage = ["client_auth", "server_auth"], keyLength = 2048 } = request;
  const options: CertificateOptions = {
    commonName,
    organization: "Cloud Foundry",
    alternativeNames: [...alternativeNames],
    isCa: false,
    ca: "ca",
    extendedKeyUsage: [...extendedKeyUsage],
    duration: days,
    keyLength,
  };
  return issue({ options, signer: loadSigner(ca, keys), now, keys });
}
