import { createHash } from "node:crypto";
import { IaasError } from "../../../director/core/errors.ts";
import { parseIp } from "../../../director/network/index.ts";

/** VMware's own prefix; of what follows, addresses that are assigned by hand have the two highest bits clear. */
const PREFIX = [0x00, 0x50, 0x56];
const BITS = 22n;

/** MAC addresses that an environment gives its interfaces: each from the IP address, so that it is known before the VM and stays with the instance. */
export class Macs {
  readonly #owners = new Map<string, string>();

  /** @throws IaasError `iaas.network` where another address of the same port group has it too */
  of(portGroup: string, ip: string): string {
    const { family, value } = parseIp(ip);
    const wide = family === 4 ? value : BigInt(`0x${createHash("sha256").update(ip).digest("hex").slice(0, 16)}`);
    const low = Number(wide & ((1n << BITS) - 1n));
    const mac = [...PREFIX, (low >> 16) & 0xff, (low >> 8) & 0xff, low & 0xff].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    const key = `${portGroup} ${mac}`;
    const owner = this.#owners.get(key) ?? ip;
    this.#owners.set(key, owner);
    if (owner === ip) return mac;
    throw new IaasError("iaas.network", `${owner} and ${ip} on '${portGroup}' would have the same MAC address ${mac}`, { method: "create_vm", hint: "MAC addresses are made from the last 22 bits of IP addresses: give the ranges port groups of their own" });
  }
}
