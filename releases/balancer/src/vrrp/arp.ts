import { ipBytes } from "./packet.ts";

export const ARP = 0x0806;
export const BROADCAST = Buffer.alloc(6, 0xff);
const IPV4 = 0x0800;
const ETHERNET = 1;
const REQUEST = 1;

/** A gratuitous ARP request: tells everybody on the network that the address is to be found here now. */
export function gratuitousArp(mac: string, address: string): Buffer {
  const own = Buffer.from(mac.replaceAll(":", ""), "hex");
  const ip = ipBytes(address);
  const words = Buffer.alloc(8);
  words.writeUInt16BE(ETHERNET, 0);
  words.writeUInt16BE(IPV4, 2);
  words.writeUInt8(own.length, 4);
  words.writeUInt8(ip.length, 5);
  words.writeUInt16BE(REQUEST, 6);
  return Buffer.concat([BROADCAST, own, Buffer.from([ARP >> 8, ARP & 0xff]), words, own, ip, Buffer.alloc(6), ip]);
}
