import { isIPv4 } from "node:net";
import { localError } from "./failure.ts";

export interface Cidr {
  /** The network's first address. */
  base: number;
  prefix: number;
}

export function parseAddress(text: string): number {
  if (!isIPv4(text)) throw localError("bad-address", "create_network", `'${text}' is not an IPv4 address`);
  return text.split(".").reduce((n, part) => n * 256 + Number(part), 0);
}

export function parseCidr(text: string): Cidr {
  const match = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  const prefix = Number(match?.[2]);
  if (match === null || prefix > 30 || prefix < 8) {
    throw localError("bad-address", "create_network", `'${text}' is not an IPv4 range`, { hint: "write it like 10.0.1.0/24" });
  }
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(parseAddress(match[1]!) / size) * size, prefix };
}

export function contains(cidr: Cidr, address: string): boolean {
  const n = parseAddress(address);
  return n >= cidr.base && n < cidr.base + 2 ** (32 - cidr.prefix);
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + 2 ** (32 - b.prefix) && b.base < a.base + 2 ** (32 - a.prefix);
}

/** A network card's address made from its IP, so that a VM remade on the same IP is known to its neighbours at once. */
export function hardwareAddress(ip: string): string {
  return ["02", "00", ...ip.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
}
