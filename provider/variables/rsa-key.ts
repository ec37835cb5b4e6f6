import { createPrivateKey, createPublicKey, generatePrime, type KeyObject, sign, verify } from "node:crypto";
import type { RsaKey } from "../../director/variables/keys.ts";

const publicExponent = 65537n;

/**
 * Makes an RSA key pair from two primes of OpenSSL's generator. Its own RSA generator takes twice as long, since it builds each
 * prime from smaller ones, a form that FIPS 186-5 asks for only below 2,048 bits; a platform has about a hundred keys.
 */
export async function rsaKey(bits: number): Promise<RsaKey> {
  const half = bits / 2;
  for (;;) {
    const [p, q] = await Promise.all([prime(half), prime(half)]);
    const parts = keyParts(p, q, bits);
    if (parts) return exported(parts);
  }
}

function prime(bits: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    generatePrime(bits, { bigint: true }, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

interface KeyParts {
  n: bigint;
  d: bigint;
  p: bigint;
  q: bigint;
}

/** Undefined when the primes do not fit together by the rules of FIPS 186-5, A.1.1; then new ones are made. */
function keyParts(p: bigint, q: bigint, bits: number): KeyParts | undefined {
  const n = p * q;
  const distance = p > q ? p - q : q - p;
  if (n.toString(2).length !== bits || distance >> BigInt(bits / 2 - 100) === 0n) return undefined;
  const order = ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n);
  if (order % publicExponent === 0n) return undefined;
  const d = inverse(publicExponent, order);
  return d >> BigInt(bits / 2) === 0n ? undefined : { n, d, p, q };
}

function exported({ n, d, p, q }: KeyParts): RsaKey {
  const jwk = { kty: "RSA", n, e: publicExponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const encoded = Object.fromEntries(Object.entries(jwk).map(([name, part]) => [name, typeof part === "bigint" ? bytesOf(part).toString("base64url") : part]));
  const privateKey = createPrivateKey({ key: encoded, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  checkPair(privateKey, publicKey);
  return {
    privateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    publicKey: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
    modulus: new Uint8Array(bytesOf(n)),
    exponent: new Uint8Array(bytesOf(publicExponent)),
  };
}

function checkPair(privateKey: KeyObject, publicKey: KeyObject): void {
  const data = Buffer.from("pairwise consistency");
  if (!verify("sha256", data, publicKey, sign("sha256", data, privateKey))) throw new Error("a new RSA key does not verify its own signature");
}

function bytesOf(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** The inverse of `a` modulo `m`, which have to be coprime. */
function inverse(a: bigint, m: bigint): bigint {
  let [previous, current] = [a % m, m];
  let [factor, next] = [1n, 0n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [factor, next] = [next, factor - quotient * next];
  }
  return factor < 0n ? factor + m : factor;
}
