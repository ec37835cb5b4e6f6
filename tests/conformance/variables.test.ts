import assert from "node:assert/strict";
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { readElements, type DerElement } from "../../director/variables/der.ts";
import { firstPemBlock } from "../../director/variables/pem.ts";
import { parseYaml, toPlain } from "../../director/yaml/index.ts";
import { runInterpolate } from "../support/interpolate-command.ts";

interface Expected {
  type: string;
  length?: number;
  pattern?: string;
  bits?: number;
  keys?: string[];
  subject?: string;
  issuer?: string;
  lifetime_days?: number;
  extensions?: Record<string, { critical: boolean; value: string | string[] }>;
  ca_field?: string;
}

const shared = process.env["REPAVE_SHARED"] ?? path.resolve(__dirname, "../../../shared");
const root = path.join(shared, "conformance/variables");
const skip = existsSync(root) ? false : `no conformance cases at ${root}`;
const expected = skip ? {} : (JSON.parse(readFileSync(path.join(root, "expected.json"), "utf8")) as { values: Record<string, Expected> }).values;
const scratch = mkdtempSync(path.join(tmpdir(), "variables-"));
const storeFile = path.join(scratch, "new", "store.yml");
let store: Record<string, Record<string, string> & string> = {};
after(() => rmSync(scratch, { recursive: true, force: true }));

before(async () => {
  if (skip) return;
  const { code, stderr } = await runInterpolate([path.join(root, "manifest.yml"), "--vars-store", storeFile], { cwd: scratch });
  assert.equal(code, 0, stderr);
  store = toPlain(parseYaml(readFileSync(storeFile), { file: storeFile }).value) as typeof store;
});

test("the store has every variable, is private, and stays as it is on the next run", { skip }, async () => {
  assert.deepEqual(Object.keys(store).sort(), Object.keys(expected).sort());
  assert.equal(statSync(storeFile).mode & 0o777, 0o600);
  const written = readFileSync(storeFile, "utf8");
  const { stdout } = await runInterpolate([path.join(root, "manifest.yml"), "--vars-store", storeFile], { cwd: scratch });
  assert.equal(stdout, "name: variables-check\nvariables: []\n");
  assert.equal(readFileSync(storeFile, "utf8"), written);
});

for (const [name, want] of Object.entries(expected)) {
  test(name, { skip }, () => {
    const value = store[name] as Record<string, string> & string;
    if (want.type === "password") {
      assert.equal(value.length, want.length);
      assert.match(value, new RegExp(want.pattern as string));
    } else if (want.type === "certificate") checkCertificate(value, want);
    else checkKey(value, want);
  });
}

function checkKey(value: Record<string, string>, { bits, keys, type }: Expected): void {
  assert.deepEqual(Object.keys(value).sort(), [...(keys as string[])].sort());
  const key = checkPrivateKey(value["private_key"] as string, bits as number);
  if (type === "rsa") return assert.equal(value["public_key"], createPublicKey(key).export({ type: "spki", format: "pem" }));
  const [algorithm, blob = "", ...rest] = (value["public_key"] as string).trimEnd().split(" ");
  assert.deepEqual([algorithm, rest.length, value["public_key"]], ["ssh-rsa", 0, `ssh-rsa ${blob}\n`]);
  const md5 = createHash("md5").update(Buffer.from(blob, "base64")).digest("hex");
  assert.equal(value["public_key_fingerprint"], md5.match(/../g)?.join(":"));
  const { n = "" } = createPublicKey(key).export({ format: "jwk" });
  assert.ok(Buffer.from(blob, "base64").includes(Buffer.from(n, "base64url")));
}

function checkPrivateKey(pem: string, bits: number) {
  assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\n[^]*\n-----END RSA PRIVATE KEY-----\n$/);
  const key = createPrivateKey(pem);
  assert.deepEqual([key.asymmetricKeyDetails?.modulusLength, key.asymmetricKeyDetails?.publicExponent], [bits, 65537n]);
  return key;
}

function checkCertificate(value: Record<string, string>, want: Expected): void {
  assert.deepEqual(Object.keys(value).sort(), ["ca", "certificate", "private_key"]);
  const signer = store[want.ca_field as string] as Record<string, string>;
  assert.equal(value["ca"], signer["certificate"]);
  const key = checkPrivateKey(value["private_key"] as string, want.bits as number);
  const pem = value["certificate"] as string;
  assert.match(pem, /^-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]*\n-----END CERTIFICATE-----\n$/);
  const certificate = new X509Certificate(pem);
  assert.ok(certificate.checkPrivateKey(key));
  assert.ok(certificate.verify(createPublicKey(createPrivateKey(signer["private_key"] as string))));
  const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
  assert.equal(days, want.lifetime_days);
  assert.ok(Math.abs(Date.parse(certificate.validFrom) - Date.now()) < 600_000);
  const body = certificateFields(pem);
  assert.deepEqual([rfc4514(body[5]), rfc4514(body[3])], [want.subject, want.issuer]);
  checkExtensions(body, want, { own: skiOf(pem), signer: skiOf(signer["certificate"] as string) });
}

function certificateFields(pem: string): DerElement[] {
  const [certificate] = readElements(firstPemBlock(pem) as Uint8Array);
  const [body] = readElements(certificate!.content);
  return readElements(body!.content);
}

const nameTypes: Record<string, string> = { "550406": "C", "55040a": "O", "550403": "CN" };
const utf8 = new TextDecoder();

function rfc4514(name: DerElement | undefined): string {
  const parts = readElements(name!.content).map((set) => {
    const [type, text] = readElements(readElements(set.content)[0]!.content);
    const escaped = utf8.decode(text!.content).replace(/[,+"\\<>;]/g, "\\$&");
    return `${nameTypes[Buffer.from(type!.content).toString("hex")]}=${escaped}`;
  });
  return parts.reverse().join(",");
}

const modulusHash = (pem: string): string => {
  const { n = "" } = new X509Certificate(pem).publicKey.export({ format: "jwk" });
  return createHash("sha1").update(Buffer.from(n, "base64url")).digest("hex");
};

function skiOf(pem: string): string {
  return modulusHash(pem);
}

const extensionNames: Record<string, string> = {
  "551d0f": "Key Usage",
  "551d25": "Extended Key Usage",
  "551d13": "Basic Constraints",
  "551d0e": "Subject Key Identifier",
  "551d23": "Authority Key Identifier",
  "551d11": "Subject Alternative Name",
};

function checkExtensions(body: DerElement[], want: Expected, ids: { own: string; signer: string }): void {
  const list = readElements(readElements(body.find((field) => field.kind === 0xa3)!.content)[0]!.content);
  const found = list.map((extension) => {
    const parts = readElements(extension.content);
    const name = extensionNames[Buffer.from(parts[0]!.content).toString("hex")] as string;
    return { name, critical: parts.length === 3, content: parts[parts.length - 1]!.content };
  });
  const wanted = want.extensions ?? {};
  assert.deepEqual(found.map(({ name }) => name), Object.keys(extensionOrder).filter((name) => name in wanted));
  for (const { name, critical, content } of found) {
    assert.equal(critical, wanted[name]?.critical, name);
    assert.equal(extensionOrder[name]!(content, ids), expectedText(wanted[name]!.value, ids), name);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const keyUsages: Record<string, string> = { "03020106": "Certificate Sign, CRL Sign", "030205a0": "Digital Signature, Key Encipherment" };
const usages: Record<string, string> = { "2b06010505070301": "TLS Web Server Authentication", "2b06010505070302": "TLS Web Client Authentication" };

/** In the order in which the extensions have to stand. */
const extensionOrder: Record<string, (content: Uint8Array, ids: { own: string; signer: string }) => string> = {
  "Key Usage": (content) => keyUsages[hex(content)] as string,
  "Extended Key Usage": (content) => readElements(readElements(content)[0]!.content).map((id) => usages[hex(id.content)]).join(", "),
  "Basic Constraints": (content) => (hex(content) === "30030101ff" ? "CA:TRUE" : hex(content) === "3000" ? "CA:FALSE" : hex(content)),
  "Subject Key Identifier": (content) => hex(readElements(content)[0]!.content),
  "Authority Key Identifier": (content) => hex(readElements(readElements(content)[0]!.content)[0]!.content),
  "Subject Alternative Name": (content) => readElements(readElements(content)[0]!.content).map(alternativeName).join(", "),
};

function alternativeName({ kind, content }: DerElement): string {
  if (kind === 0x82) return `DNS:${utf8.decode(content)}`;
  if (content.length === 4) return `IP Address:${[...content].join(".")}`;
  const groups = hex(content).match(/.{4}/g) ?? [];
  return `IP Address:${groups.map((group) => Number.parseInt(group, 16).toString(16).toUpperCase()).join(":")}`;
}

function expectedText(value: string | string[], { own, signer }: { own: string; signer: string }): string {
  if (Array.isArray(value)) return value.join(", ");
  if (value.startsWith("sha1(modulus) of this")) return own;
  return value.startsWith("sha1(modulus) of the signing") ? signer : value;
}
