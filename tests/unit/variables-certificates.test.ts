import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { before, test } from "node:test";
import { connect, createServer } from "node:tls";
import { generateVariable } from "../../director/variables/generate.ts";
import { ipBytes } from "../../director/variables/ip-bytes.ts";
import { systemKeys } from "../../provider/variables/system-keys.ts";
import { generateVariable as generate, type CertificateValue, type Signer, signLeaf } from "../../provider/variables/index.ts";

const now = new Date();
let root: CertificateValue;
let intermediate: CertificateValue;

before(async () => {
  const options = { is_ca: true, common_name: "root", key_length: 2048 };
  root = (await generate({ definition: { name: "root", type: "certificate", options }, now })) as CertificateValue;
  const under = { ...options, common_name: "intermediate", ca: "root" };
  intermediate = (await generate({ definition: { name: "i", type: "certificate", options: under }, ca: root, now })) as CertificateValue;
});

test("an agent and its client trust each other through the CA, by address and by name", { timeout: 20_000 }, async () => {
  const agent = await signLeaf({ ca: root, commonName: "agent-1", alternativeNames: ["127.0.0.1", "agent-1.internal"], days: 30, now });
  const client = await signLeaf({ ca: root, commonName: "client", alternativeNames: [], days: 30, now });
  const serve = { key: agent.private_key, cert: agent.certificate, ca: root.certificate, requestCert: true, rejectUnauthorized: true };
  const server = createServer(serve, (socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    for (const servername of [undefined, "agent-1.internal"]) {
      const socket = connect({ port, host: "127.0.0.1", ...(servername ? { servername } : {}), ca: root.certificate, key: client.private_key, cert: client.certificate });
      const [data] = await once(socket, "data");
      assert.equal(String(data), "hello");
      socket.destroy();
    }
    const stranger = connect({ port, host: "127.0.0.1", servername: "other.internal", ca: root.certificate, key: client.private_key, cert: client.certificate });
    const [refusal] = await once(stranger, "error");
    assert.match(String(refusal), /altnames|does not match/i);
  } finally {
    server.close();
  }
});

test("the field ca is the direct signer, and the chain verifies", async () => {
  const leaf = await signLeaf({ ca: intermediate, commonName: "leaf", alternativeNames: [], days: 1, now });
  assert.equal(leaf.ca, intermediate.certificate);
  assert.equal(intermediate.ca, root.certificate);
  assert.equal(root.ca, root.certificate);
  assert.ok(new X509Certificate(leaf.certificate).checkIssued(new X509Certificate(intermediate.certificate)));
  assert.ok(new X509Certificate(intermediate.certificate).checkIssued(new X509Certificate(root.certificate)));
});

test("lifetimes reach past 2049", async () => {
  const leaf = await signLeaf({ ca: root, commonName: "long", alternativeNames: [], days: 36_500, now: new Date("2026-01-02T03:04:05.678Z") });
  const { validFrom, validTo } = new X509Certificate(leaf.certificate);
  assert.equal(Date.parse(validFrom), Date.parse("2026-01-02T03:04:05Z"));
  assert.equal(Date.parse(validTo) - Date.parse(validFrom), 36_500 * 86_400_000);
});

const refusals: [type: string, options: unknown, message: RegExp, ca?: () => Signer | undefined][] = [
  ["user", {}, /^Generating variable 'v': Unsupported value type: user$/],
  ["password", { length: -1 }, /Failed to generate password, 'length' param cannot be negative/],
  ["password", { size: 1 }, /Failed to generate password, parameters are invalid: Unsupported parameter 'size'/],
  ["password", ["x"], /parameters are invalid: Expected input to be deserializable/],
  ["password", { length: "5" }, /'length' has to be an integer/],
  ["certificate", { common_name: "x" }, /Missing required CA name/],
  ["certificate", { is_ca: true, key_length: 1024 }, /Invalid key_length: 1024\. {2}Must be one of: \[2048 3072 4096\]/],
  ["certificate", { ca: "c" }, /Loading certificates: Expected to find variable 'c' with a certificate/],
  ["certificate", { ca: "c" }, /Loading certificates: Certificate did not contain PEM formatted block/, () => ({ certificate: "x", private_key: "" })],
  ["certificate", { ca: "c" }, /Loading certificates: Parsing certificate: /, () => ({ certificate: root.private_key, private_key: "" })],
  ["certificate", { ca: "c" }, /Loading certificates: Private key did not contain PEM formatted block/, () => ({ ...root, private_key: "" })],
  ["certificate", { ca: "c" }, /Loading certificates: Parsing private key: /, () => ({ ...root, private_key: root.certificate })],
  ["certificate", { ca: "c" }, /provided PrivateKey doesn't match parent's PublicKey/, () => ({ ...root, private_key: intermediate.private_key })],
  ["certificate", { ca: "c", extended_key_usage: ["email"] }, /Unsupported extended key usage value: email/, () => root],
  ["certificate", { ca: "c", alternative_names: ["ü"] }, /cannot be encoded as an IA5String/, () => root],
  ["certificate", { is_ca: true, alternative_names: "a.b" }, /'alternative_names' has to be a list of strings/],
];

for (const [type, options, message, ca] of refusals) {
  test(`${type} with ${JSON.stringify(options)}: ${message.source.slice(0, 60)}`, async () => {
    const attempt = generateVariable({ definition: { name: "v", type, options }, ca: () => ca?.(), now, keys: systemKeys });
    await assert.rejects(attempt, (error: Error) => message.test(error.message) && !/BEGIN|PRIVATE KEY-/.test(error.message));
  });
}

test("passwords use every letter and digit", async () => {
  const password = (await generate({ definition: { name: "p", type: "password", options: { length: 5000 } }, now })) as string;
  assert.equal(new Set(password).size, 36);
  assert.match(password, /^[a-z0-9]{5000}$/);
});

const addresses: [text: string, bytes: string | undefined][] = [
  ["10.0.0.1", "0a000001"],
  ["010.0.0.1", undefined],
  ["256.0.0.1", undefined],
  ["1.2.3", undefined],
  ["::", "00".repeat(16)],
  ["2001:db8::1", `20010db8${"00".repeat(11)}01`],
  ["::ffff:1.2.3.4", "01020304"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
  ["1:2:3:4:5:6:7:8::", undefined],
  ["1::2::3", undefined],
  ["fe80::1%eth0", undefined],
  ["12345::", undefined],
  ["host.example", undefined],
];

for (const [text, bytes] of addresses) {
  test(`${text} is ${bytes === undefined ? "no address" : "an address"}`, () => {
    const found = ipBytes(text);
    assert.equal(found && Buffer.from(found).toString("hex"), bytes);
  });
}
