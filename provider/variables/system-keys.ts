import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes, randomInt, sign } from "node:crypto";
import type { Keys } from "../../director/variables/keys.ts";
import { firstPemBlock } from "../../director/variables/pem.ts";
import { rsaKey } from "./rsa-key.ts";

/** A CA signs many certificates; reading its key each time costs more than signing. */
const parsed = new Map<string, KeyObject>();
const parsedLimit = 32;

function pkcs1Key(pem: string): KeyObject {
  const known = parsed.get(pem);
  if (known) return known;
  const key = createPrivateKey({ key: Buffer.from(firstPemBlock(pem) ?? []), format: "der", type: "pkcs1" });
  if (parsed.size >= parsedLimit) parsed.clear();
  parsed.set(pem, key);
  return key;
}

/** Keys, signatures and randomness of Node's crypto. Key pairs are made in its thread pool, several at a time. */
export const systemKeys: Keys = {
  rsaKey,
  randomInt: (limit) => randomInt(limit),
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  sign: (privateKey, data) => new Uint8Array(sign("sha256", data, pkcs1Key(privateKey))),
  digest: (algorithm, data) => new Uint8Array(createHash(algorithm).update(data).digest()),
  publicKeyOf: (privateKey) => new Uint8Array(createPublicKey(pkcs1Key(privateKey)).export({ type: "spki", format: "der" })),
};
