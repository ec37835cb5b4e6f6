import { generateKeyPairSync, randomBytes } from "node:crypto";

const TYPE = "ssh-ed25519";
/** What the private part is padded to, with no cipher. */
const BLOCK = 8;

export interface SshKeyPair {
  /** As in `authorized_keys`. */
  public: string;
  /** OpenSSH's own format, without a passphrase. */
  private: string;
}

/** A new Ed25519 pair. Its format is written here: the one of ssh2 is malformed once in some hundred times. */
export function newSshKeyPair(): SshKeyPair {
  const { x, d } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const [point, seed] = [x, d].map((part) => Buffer.from(part!, "base64url"));
  const pub = Buffer.concat([sized(TYPE), sized(point!)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, pub, sized(Buffer.concat([seed!, point!])), sized("")]);
  const padding = Buffer.from(Array.from({ length: (BLOCK - (secret.length % BLOCK)) % BLOCK }, (_, i) => i + 1));
  const whole = Buffer.concat([Buffer.from("openssh-key-v1\0"), sized("none"), sized("none"), sized(""), number(1), sized(pub), sized(Buffer.concat([secret, padding]))]);
  const lines = whole.toString("base64").match(/.{1,70}/g)!;
  return { public: `${TYPE} ${pub.toString("base64")}`, private: ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n") };
}

function sized(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
