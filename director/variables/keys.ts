/** An RSA key pair in the forms that variables need. */
export interface RsaKey {
  /** PKCS#1 PEM, one line end at its end. */
  privateKey: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  /** Big-endian, without leading zeros. */
  modulus: Uint8Array;
  /** Big-endian, without leading zeros. */
  exponent: Uint8Array;
}

/** Randomness and private keys: what generation takes from outside. */
export interface Keys {
  rsaKey(bits: number): Promise<RsaKey>;
  /** A uniform integer from 0 up to but not including `limit`. */
  randomInt(limit: number): number;
  randomBytes(length: number): Uint8Array;
  /** RSA PKCS#1 v1.5 over SHA-256. The key is PKCS#1 PEM. */
  sign(privateKey: string, data: Uint8Array): Uint8Array;
  digest(algorithm: "sha1" | "md5", data: Uint8Array): Uint8Array;
  /** The public key (SPKI, DER) of a PKCS#1 PEM private key. Throws when it is none. */
  publicKeyOf(privateKey: string): Uint8Array;
}
