import { messageOf, RepaveError } from "../core/errors.ts";
import type { Signer } from "./definition.ts";
import { objectId, readElements } from "./der.ts";
import type { Keys } from "./keys.ts";
import { firstPemBlock } from "./pem.ts";

export interface LoadedSigner {
  /** The certificate, DER. */
  certificate: Uint8Array;
  /** Its subject, DER, as it has to stand in what it signs. */
  name: Uint8Array;
  keyId: Uint8Array | undefined;
  /** PKCS#1 PEM. */
  privateKey: string;
}

/** Reads a CA. Whether it is a CA is not asked, as in BOSH. @throws RepaveError `credential.ca`. */
export function loadSigner({ certificate, private_key: privateKey }: Signer, keys: Keys): LoadedSigner {
  const der = firstPemBlock(certificate);
  if (!der) throw new RepaveError("credential.ca", "Certificate did not contain PEM formatted block");
  const parsed = attempt("Parsing certificate", () => readCertificate(der));
  if (!firstPemBlock(privateKey)) throw new RepaveError("credential.ca", "Private key did not contain PEM formatted block");
  const publicKey = attempt("Parsing private key", () => keys.publicKeyOf(privateKey));
  if (!sameBytes(publicKey, parsed.publicKey)) {
    throw new RepaveError("credential.ca", "x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  return { certificate: der, name: parsed.subject, keyId: parsed.keyId, privateKey };
}

function attempt<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RepaveError("credential.ca", `${what}: ${messageOf(error)}`);
  }
}

function readCertificate(der: Uint8Array): { subject: Uint8Array; publicKey: Uint8Array; keyId: Uint8Array | undefined } {
  const [certificate] = readElements(der);
  const [body] = readElements(certificate?.content ?? new Uint8Array());
  const fields = readElements(body?.content ?? new Uint8Array());
  // the version is optional; then serial, algorithm, issuer, validity, subject, key
  const first = fields[0]?.kind === 0xa0 ? 1 : 0;
  const subject = fields[first + 4];
  const publicKey = fields[first + 5];
  if (!subject || !publicKey) throw new Error("malformed certificate");
  const extensions = fields.find((field) => field.kind === 0xa3);
  return { subject: subject.whole, publicKey: publicKey.whole, keyId: extensions && subjectKeyId(extensions.content) };
}

const subjectKeyIdOid = objectId("2.5.29.14");

function subjectKeyId(extensions: Uint8Array): Uint8Array | undefined {
  const [list] = readElements(extensions);
  for (const extension of readElements(list?.content ?? new Uint8Array())) {
    const parts = readElements(extension.content);
    const value = parts[parts.length - 1];
    if (parts[0] && value && sameBytes(parts[0].whole, subjectKeyIdOid)) return readElements(value.content)[0]?.content;
  }
  return undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
