import koffi from "koffi";
import { ARP, BROADCAST } from "./arp.ts";
import { ipBytes, PROTOCOL } from "./packet.ts";

// Node has no raw sockets of its own; these are libc's. Numbers are those of Linux.
const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)");
const bind = libc.func("int bind(int, const void *, unsigned int)");
const setsockopt = libc.func("int setsockopt(int, int, int, const void *, unsigned int)");
const sendto = libc.func("long sendto(int, const void *, unsigned long, int, const void *, unsigned int)");
const recv = libc.func("long recv(int, _Out_ void *, unsigned long, int)");
const ifNameToIndex = libc.func("unsigned int if_nametoindex(const char *)");

const AF_INET = 2;
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IP = 0;
const IP_TTL = 2;
const MSG_DONTWAIT = 0x40;
const LONGEST = 2048;

function checked(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: error ${koffi.errno()} of the system`);
  return result;
}

/** Sends VRRP packets to neighbours, and gets what they send to this address. */
export class VrrpSocket {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(LONGEST);

  constructor(address: string) {
    this.#fd = checked("socket for VRRP", socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL));
    const ttl = Buffer.alloc(4);
    ttl.writeInt32LE(255);
    checked("TTL of VRRP", setsockopt(this.#fd, IPPROTO_IP, IP_TTL, ttl, ttl.length));
    const own = sockaddr(address);
    checked(`VRRP at ${address}`, bind(this.#fd, own, own.length));
  }

  /** A neighbour that can't be reached is no error: it is heard of, or not. */
  send(packet: Buffer, to: string): void {
    const target = sockaddr(to);
    sendto(this.#fd, packet, packet.length, MSG_DONTWAIT, target, target.length);
  }

  /** Everything that has come since, with IP headers. */
  *received(): Generator<Buffer> {
    for (let length = Number(recv(this.#fd, this.#buffer, LONGEST, MSG_DONTWAIT)); length > 0; length = Number(recv(this.#fd, this.#buffer, LONGEST, MSG_DONTWAIT))) {
      yield Buffer.from(this.#buffer.subarray(0, length));
    }
  }
}

/** Sends frames as they are. */
export class FrameSocket {
  readonly #fd: number;
  readonly #target: Buffer;

  constructor(device: string) {
    // Protocol 0: it hears nothing.
    this.#fd = checked("socket for ARP", socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    this.#target = Buffer.alloc(20);
    this.#target.writeUInt16LE(AF_PACKET, 0);
    this.#target.writeUInt16BE(ARP, 2);
    this.#target.writeInt32LE(ifNameToIndex(device), 4);
    this.#target.writeUInt8(BROADCAST.length, 11);
    BROADCAST.copy(this.#target, 12);
  }

  send(frame: Buffer): void {
    sendto(this.#fd, frame, frame.length, MSG_DONTWAIT, this.#target, this.#target.length);
  }
}

function sockaddr(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  ipBytes(address).copy(bytes, 4);
  return bytes;
}
