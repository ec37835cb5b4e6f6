import { firstPemBlock } from "../../director/variables/pem.ts";
import type { CertificateValue } from "../../director/variables/definition.ts";

/** The versions of a CA by generation. */
export type CertificateVersions = Record<string, CertificateValue>;

/** What signs a certificate: PEM of all trusted versions, the signing one first, with its key. */
export interface SigningCa {
  certificate: string;
  private_key: string;
  versions?: CertificateVersions | undefined;
}

export interface VersionsWanted {
  generation: number;
  alongside?: number | undefined;
  signer?: { generation: number; alongside?: number | undefined } | undefined;
  isCa: boolean;
  /** The options ask for another certificate. */
  anew: boolean;
}

export interface VersionsHeld {
  generation: number;
  value: CertificateValue;
  versions?: CertificateVersions | undefined;
}

export interface CertificateResult {
  value: CertificateValue;
  /** Only of a CA that has more than one. */
  versions?: CertificateVersions | undefined;
  /** Whether the version in use was issued just now. */
  issued: boolean;
}

/**
 * Brings a certificate to the versions wanted: issues what is missing, drops what is no longer wanted, and puts both CAs into
 * what consumers trust while there are two. Done again it issues nothing.
 */
export async function bringVersions(wanted: VersionsWanted, held: VersionsHeld | undefined, ca: SigningCa | undefined, issue: (ca: SigningCa | undefined) => Promise<CertificateValue>): Promise<CertificateResult> {
  const known: CertificateVersions = held ? (held.versions ?? { [held.generation]: held.value }) : {};
  const kept = (generation: number): CertificateValue | undefined => {
    const version = known[generation];
    return version !== undefined && isSigned(version, ca, wanted.isCa) ? version : undefined;
  };
  const before = wanted.anew ? undefined : kept(wanted.generation);
  const inUse = before ?? (await issue(ca));
  const beside = wanted.alongside === undefined ? undefined : (kept(wanted.alongside) ?? (await issue(signerOfNext(wanted, ca))));
  const certificate = beside ? joined(inUse.certificate, beside.certificate) : inUse.certificate;
  const trusted = ca ? (wanted.signer?.alongside === undefined ? firstBlock(ca.certificate) : ca.certificate) : wanted.isCa ? certificate : inUse.ca;
  return {
    value: { ca: trusted, certificate, private_key: inUse.private_key },
    ...(beside ? { versions: { [wanted.generation]: inUse, [wanted.alongside!]: beside } } : {}),
    issued: before === undefined,
  };
}

/** A leaf must be signed by the version that signs now, an intermediate CA by any that is trusted. */
function isSigned(version: CertificateValue, ca: SigningCa | undefined, isCa: boolean): boolean {
  if (!ca) return true;
  const trusted = isCa ? blocks(ca.certificate) : blocks(ca.certificate).slice(0, 1);
  const signer = der(version.ca ?? "");
  return signer !== undefined && trusted.some((block) => der(block) === signer);
}

/** The version that comes next of a CA below a CA that rotates with it is signed by what comes next there. */
function signerOfNext({ signer }: VersionsWanted, ca: SigningCa | undefined): SigningCa | undefined {
  const next = signer?.alongside === undefined ? undefined : ca?.versions?.[signer.alongside];
  return next ? { certificate: next.certificate, private_key: next.private_key } : ca;
}

function blocks(pem: string): string[] {
  return pem.match(/-----BEGIN ([^-\n]*)-----[\s\S]*?-----END \1-----/g) ?? [];
}

function firstBlock(pem: string): string {
  return `${blocks(pem)[0] ?? pem.trimEnd()}\n`;
}

function joined(a: string, b: string): string {
  return `${a.trimEnd()}\n${b.trimEnd()}\n`;
}

function der(pem: string): string | undefined {
  const block = firstPemBlock(pem);
  return block && Buffer.from(block).toString("base64");
}
