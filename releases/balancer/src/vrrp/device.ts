import { execFile } from "node:child_process";
import os from "node:os";
import { gratuitousArp } from "./arp.ts";
import { FrameSocket } from "./sockets.ts";

/** The network device that the addresses are put on: the one with the instance's own. */
export class Device {
  readonly name: string;
  readonly #mac: string;
  readonly #frames: FrameSocket;
  // One at a time, in order: an address that is taken just after it was given up must stay.
  #last: Promise<unknown> = Promise.resolve();

  constructor(address: string) {
    const found = Object.entries(os.networkInterfaces()).flatMap(([name, all = []]) => all.filter((one) => one.address === address).map(({ mac }) => ({ name, mac })))[0];
    if (found === undefined) throw new Error(`no network device has the address ${address}`);
    this.name = found.name;
    this.#mac = found.mac;
    this.#frames = new FrameSocket(found.name);
  }

  /** Nothing happens if it has them. */
  put(addresses: readonly string[]): Promise<void> {
    return this.#each("replace", addresses);
  }

  /** Nothing happens if it has them not. */
  remove(addresses: readonly string[]): Promise<void> {
    return this.#each("del", addresses);
  }

  announce(addresses: readonly string[]): void {
    for (const address of addresses) this.#frames.send(gratuitousArp(this.#mac, address));
  }

  #each(verb: "replace" | "del", addresses: readonly string[]): Promise<void> {
    const done = this.#last.then(async () => {
      for (const address of addresses) await ip(["addr", verb, `${address}/32`, "dev", this.name]);
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function ip(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("ip", args, (error, _, said) => {
      if (error === null || /Cannot assign requested address|Address not found/.test(said)) resolve();
      else reject(new Error(`ip ${args.join(" ")}: ${said.trim() || error.message}`));
    });
  });
}
