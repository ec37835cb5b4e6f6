import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export interface TestAuthority {
  ca: string;
  /** A server pair whose only name is `name`. */
  issue(name: string): Promise<{ certificate: string; private_key: string }>;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };

/** A certificate authority for one test. */
export async function makeAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(crypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const caKeys = await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=test-ca",
    keys: caKeys,
    signingAlgorithm: RSA,
    ...validity,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: ca.toString("pem"),
    async issue(name) {
      const keys = await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: ca.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        signingAlgorithm: RSA,
        ...validity,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
      });
      const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
      return {
        certificate: certificate.toString("pem"),
        private_key: `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join("\n")}\n-----END PRIVATE KEY-----\n`,
      };
    },
  };
}
