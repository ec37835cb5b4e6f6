/** What an instance says of itself, once each interval: VRRP version 3 (RFC 5798) over IPv4. */
export interface Advert {
  routerId: number;
  /** 1 to 254; 0 says that the master gives up. */
  priority: number;
  /** Time between two of the sender's adverts. */
  intervalMs: number;
  addresses: readonly string[];
}

export interface Ends {
  from: string;
  to: string;
}

export const PROTOCOL = 112;
const VERSION_AND_TYPE = 0x31;
const HEADER = 8;
const IP_TTL_AT = 8;
const IP_SOURCE_AT = 12;
const IP_TARGET_AT = 16;
/** Whatever comes through a router has less: only neighbours are listened to. */
const NEIGHBOURS_TTL = 255;

export function writeAdvert({ routerId, priority, intervalMs, addresses }: Advert, ends: Ends): Buffer {
  const packet = Buffer.alloc(HEADER + 4 * addresses.length);
  packet.writeUInt8(VERSION_AND_TYPE, 0);
  packet.writeUInt8(routerId, 1);
  packet.writeUInt8(priority, 2);
  packet.writeUInt8(addresses.length, 3);
  packet.writeUInt16BE(Math.round(intervalMs / 10) & 0xfff, 4);
  for (const [i, address] of addresses.entries()) ipBytes(address).copy(packet, HEADER + 4 * i);
  packet.writeUInt16BE(checksum(packet, ends), 6);
  return packet;
}

/** Reads what a raw socket gives, its IP header included. Undefined: no advert of a neighbour. */
export function readAdvert(datagram: Buffer): (Advert & Ends) | undefined {
  const start = ((datagram[0] ?? 0) & 0x0f) * 4;
  const packet = datagram.subarray(start);
  if (start < 20 || packet.length < HEADER || datagram[IP_TTL_AT] !== NEIGHBOURS_TTL || packet[0] !== VERSION_AND_TYPE) return undefined;
  const count = packet[3]!;
  if (packet.length < HEADER + 4 * count) return undefined;
  const ends = { from: ipText(datagram, IP_SOURCE_AT), to: ipText(datagram, IP_TARGET_AT) };
  const exact = packet.subarray(0, HEADER + 4 * count);
  if (checksum(exact, ends) !== 0) return undefined;
  const addresses = Array.from({ length: count }, (_, i) => ipText(packet, HEADER + 4 * i));
  return { ...ends, routerId: packet[1]!, priority: packet[2]!, intervalMs: (packet.readUInt16BE(4) & 0xfff) * 10, addresses };
}

/** The internet checksum over the pseudo header and the packet: 0 for one that carries its own. */
function checksum(packet: Buffer, { from, to }: Ends): number {
  const pseudo = Buffer.concat([ipBytes(from), ipBytes(to), Buffer.from([0, PROTOCOL, packet.length >> 8, packet.length & 0xff]), packet]);
  let sum = 0;
  for (let i = 0; i < pseudo.length; i += 2) sum += pseudo.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function ipBytes(address: string): Buffer {
  return Buffer.from(address.split(".").map(Number));
}

function ipText(bytes: Buffer, at: number): string {
  return [...bytes.subarray(at, at + 4)].join(".");
}
