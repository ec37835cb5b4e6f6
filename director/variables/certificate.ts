import { RepaveError } from "../core/errors.ts";
import { directoryString, element, objectId, positiveInteger, sequence, tag, time } from "./der.ts";
import { ipBytes } from "./ip-bytes.ts";
import type { CertificateOptions } from "./options.ts";

const oid = {
  country: "2.5.4.6",
  organization: "2.5.4.10",
  commonName: "2.5.4.3",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  alternativeNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;

const usages: Readonly<Record<string, string>> = { client_auth: "1.3.6.1.5.5.7.3.2", server_auth: "1.3.6.1.5.5.7.3.1" };

/** Bit strings: how many bits of the last byte are unused, then the bits. */
const signsCertificates = Uint8Array.of(1, 0b0000_0110);
const signsAndEnciphers = Uint8Array.of(5, 0b1010_0000);

const dayMs = 24 * 3600 * 1000;
const defaultDays = 365;

const signatureAlgorithm = sequence(objectId(oid.sha256WithRsa), element(tag.null));

export interface CertificateContent {
  options: CertificateOptions;
  /** Begin of validity; there is no back-dating. */
  now: Date;
  /** Big-endian. */
  serial: Uint8Array;
  /** SPKI, DER. */
  publicKey: Uint8Array;
  subjectKeyId: Uint8Array;
  /** Name (DER) and key id of the signer; absent for a self-signed CA. */
  issuer?: { name: Uint8Array; keyId: Uint8Array | undefined };
}

/** The part of a certificate that is signed. @throws RepaveError `credential.options` for an unknown usage or a bad name. */
export function certificateBody({ options, now, serial, publicKey, subjectKeyId, issuer }: CertificateContent): Uint8Array {
  const days = options.duration > 0 ? options.duration : defaultDays;
  const subject = subjectName(options);
  const authorityKeyId = issuer ? issuer.keyId : subjectKeyId;
  return sequence(
    element(0xa0, element(tag.integer, Uint8Array.of(2))),
    positiveInteger(serial),
    signatureAlgorithm,
    issuer?.name ?? subject,
    sequence(time(now), time(new Date(now.getTime() + days * dayMs))),
    subject,
    publicKey,
    element(0xa3, sequence(...extensions(options, subjectKeyId, authorityKeyId))),
  );
}

/** Body and signature as a certificate, DER. */
export function signedCertificate(body: Uint8Array, signature: Uint8Array): Uint8Array {
  return sequence(body, signatureAlgorithm, element(tag.bitString, Uint8Array.of(0), signature));
}

function subjectName({ organization, commonName }: CertificateOptions): Uint8Array {
  const part = (type: string, text: string) => element(tag.set, sequence(objectId(type), directoryString(text)));
  const parts = [part(oid.country, "US"), part(oid.organization, organization)];
  return sequence(...parts, ...(commonName === "" ? [] : [part(oid.commonName, commonName)]));
}

function extension(id: string, critical: boolean, content: Uint8Array): Uint8Array {
  const flag = critical ? [element(tag.boolean, Uint8Array.of(0xff))] : [];
  return sequence(objectId(id), ...flag, element(tag.octetString, content));
}

function extensions(options: CertificateOptions, subjectKeyId: Uint8Array, authorityKeyId: Uint8Array | undefined): Uint8Array[] {
  const { isCa } = options;
  const list = [extension(oid.keyUsage, true, element(tag.bitString, isCa ? signsCertificates : signsAndEnciphers))];
  if (!isCa) list.push(extension(oid.extendedKeyUsage, false, sequence(...usageIds(options.extendedKeyUsage))));
  list.push(extension(oid.basicConstraints, true, isCa ? sequence(element(tag.boolean, Uint8Array.of(0xff))) : sequence()));
  list.push(extension(oid.subjectKeyId, false, element(tag.octetString, subjectKeyId)));
  if (authorityKeyId) list.push(extension(oid.authorityKeyId, false, sequence(element(0x80, authorityKeyId))));
  if (!isCa && options.alternativeNames.length > 0) list.push(extension(oid.alternativeNames, false, alternativeNames(options.alternativeNames)));
  return list;
}

function usageIds(names: readonly string[]): Uint8Array[] {
  return (names.length === 0 ? ["server_auth"] : names).map((name) => {
    const id = usages[name];
    if (id === undefined) throw new RepaveError("credential.options", `Unsupported extended key usage value: ${name}`);
    return objectId(id);
  });
}

function alternativeNames(names: readonly string[]): Uint8Array {
  const addresses: Uint8Array[] = [];
  const dnsNames: Uint8Array[] = [];
  for (const name of names) {
    const address = ipBytes(name);
    if (address) addresses.push(element(0x87, address));
    else dnsNames.push(element(0x82, ascii(name)));
  }
  return sequence(...dnsNames, ...addresses);
}

function ascii(name: string): Uint8Array {
  if (!/^[\0-\x7f]*$/.test(name)) {
    throw new RepaveError("credential.options", `Generating certificate: x509: ${JSON.stringify(name)} cannot be encoded as an IA5String`);
  }
  return new TextEncoder().encode(name);
}
