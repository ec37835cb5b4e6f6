import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { CertificateValue } from "../../director/variables/definition.ts";
import { bringVersions, type CertificateResult, type SigningCa } from "../../provider/variables/certificate-versions.ts";
import { generateVariable } from "../../provider/variables/index.ts";

const issue = (name: string, isCa: boolean) => async (ca: SigningCa | undefined) =>
  (await generateVariable({ definition: { name, type: "certificate", options: { common_name: name, is_ca: isCa, key_length: 2048, ...(ca ? { ca: "ca" } : {}) } }, ca, now: new Date() })) as CertificateValue;

const certificates = (pem: string) => (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block));
const signs = (bundle: string, leaf: string) => certificates(bundle).some((ca) => certificates(leaf)[0]!.checkIssued(ca) && certificates(leaf)[0]!.verify(ca.publicKey));
const held = (generation: number, { value, versions }: CertificateResult) => ({ generation, value, versions });
const asCa = ({ value, versions }: CertificateResult): SigningCa => ({ ...value, versions });

test("root, issuing CA and leaf through the phases: every leaf verifies against every bundle next to it", async () => {
  const root = issue("root", true);
  const issuing = issue("issuing", true);
  const leaf = issue("leaf", false);

  const r0 = await bringVersions({ generation: 0, isCa: true, anew: false }, undefined, undefined, root);
  const i0 = await bringVersions({ generation: 0, isCa: true, anew: false }, undefined, asCa(r0), issuing);
  const l0 = await bringVersions({ generation: 0, isCa: false, anew: false }, undefined, asCa(i0), leaf);
  assert.ok(signs(l0.value.ca, l0.value.certificate));

  const both = { generation: 0, alongside: 1 };
  const r1 = await bringVersions({ ...both, isCa: true, anew: false }, held(0, r0), undefined, root);
  const i1 = await bringVersions({ ...both, signer: both, isCa: true, anew: false }, held(0, i0), asCa(r1), issuing);
  const l1 = await bringVersions({ generation: 0, signer: both, isCa: false, anew: false }, held(0, l0), asCa(i1), leaf);
  assert.equal(l1.value.certificate, l0.value.certificate, "phase 1 signs nothing anew");
  assert.equal(l1.issued, false);
  assert.equal(certificates(l1.value.ca).length, 2);
  assert.equal(r1.value.private_key, r0.value.private_key);
  assert.equal(new X509Certificate(i1.value.certificate).fingerprint256, new X509Certificate(i0.value.certificate).fingerprint256, "the signing version stands first");
  assert.ok(signs(r1.versions!["1"]!.certificate, i1.versions!["1"]!.certificate), "the next issuing CA is signed by the next root");
  assert.ok(!signs(r0.value.certificate, i1.versions!["1"]!.certificate));

  const turned = { generation: 1, alongside: 0 };
  const never = () => Promise.reject(new Error("nothing is to be issued"));
  const r2 = await bringVersions({ ...turned, isCa: true, anew: false }, held(0, r1), undefined, never);
  const i2 = await bringVersions({ ...turned, signer: turned, isCa: true, anew: false }, held(0, i1), asCa(r2), never);
  const l2 = await bringVersions({ generation: 0, signer: turned, isCa: false, anew: false }, held(0, l1), asCa(i2), leaf);
  assert.equal(l2.issued, true);
  for (const trust of [l1.value.ca, l2.value.ca]) for (const served of [l1.value.certificate, l2.value.certificate]) assert.ok(signs(trust, served));

  const r3 = await bringVersions({ generation: 1, isCa: true, anew: false }, held(1, r2), undefined, never);
  const i3 = await bringVersions({ generation: 1, signer: { generation: 1 }, isCa: true, anew: false }, held(1, i2), asCa(r3), never);
  const l3 = await bringVersions({ generation: 0, signer: { generation: 1 }, isCa: false, anew: false }, held(0, l2), asCa(i3), never);
  assert.equal(r3.versions, undefined);
  assert.equal(certificates(l3.value.ca).length, 1);
  assert.ok(signs(l3.value.ca, l3.value.certificate) && signs(l2.value.ca, l3.value.certificate) && !signs(l3.value.ca, l1.value.certificate));
  assert.ok(signs(r3.value.certificate, i3.value.certificate));
  assert.deepEqual(await bringVersions({ generation: 0, signer: { generation: 1 }, isCa: false, anew: false }, held(0, l3), asCa(i3), never), { ...l3, issued: false }, "done again it changes nothing");
});

test("a leaf is signed anew when its CA is another one, and a changed option makes a new one", async () => {
  const ca = issue("ca", true);
  const leaf = issue("leaf", false);
  const a = await bringVersions({ generation: 0, isCa: true, anew: false }, undefined, undefined, ca);
  const b = await bringVersions({ generation: 1, isCa: true, anew: false }, held(0, a), undefined, ca);
  assert.notEqual(a.value.certificate, b.value.certificate);
  const first = await bringVersions({ generation: 0, isCa: false, anew: false }, undefined, asCa(a), leaf);
  const second = await bringVersions({ generation: 0, signer: { generation: 1 }, isCa: false, anew: false }, held(0, first), asCa(b), leaf);
  assert.ok(signs(b.value.certificate, second.value.certificate));
  const third = await bringVersions({ generation: 0, signer: { generation: 1 }, isCa: false, anew: true }, held(0, second), asCa(b), leaf);
  assert.notEqual(third.value.certificate, second.value.certificate);
});
