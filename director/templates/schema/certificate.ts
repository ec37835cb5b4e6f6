import { X509Certificate } from "node:crypto";

const block = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** Whether OpenSSL reads the text as one or more certificates. Other PEM blocks in between don't matter; one broken certificate does. */
export function isCertificate(text: string): boolean {
  const blocks = text.match(block) ?? [];
  return blocks.length > 0 && blocks.every((pem) => {
    try {
      return new X509Certificate(pem).raw.length > 0;
    } catch {
      return false;
    }
  });
}
