import path from "node:path";
import { remove, writeAtomic } from "./files.ts";

/** Replaces the trusted CAs: one file each, and all in one bundle. */
export function saveTrustedCerts(dir: string, pems: string): void {
  const certs = pems.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  remove(dir);
  certs.forEach((cert, i) => writeAtomic(path.join(dir, `bosh-trusted-cert-${i + 1}.crt`), `${cert}\n`, 0o644));
  if (certs.length > 0) writeAtomic(path.join(dir, "bundle.pem"), `${certs.join("\n")}\n`, 0o644);
}
