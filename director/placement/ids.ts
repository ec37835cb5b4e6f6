import { createHash } from "node:crypto";

/** Gives the id of a group's n-th instance ever made. Must answer the same for the same question. */
export type IdSource = (group: string, serial: number) => string;

/**
 * Ids as version 5 UUIDs of (seed, group, serial): known in preview and equal on every run.
 *
 * @param seed the environment and deployment, plus anything that must tell two lives of a deployment apart
 */
export function seededIds(seed: string): IdSource {
  return (group, serial) => uuidOf(`${seed}\n${group}\n${serial}`);
}

/** A repeatable draw from 0 to `count - 1`. */
export function draw(seed: string, count: number): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0) % count;
}

function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
