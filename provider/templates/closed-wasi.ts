import type { WasmMemory } from "./wasm.ts";

/** Thrown through the VM when Ruby ends its "process"; the VM is of no use after it. */
export class VmExit extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`exit!(${status})`);
    this.name = "VmExit";
    this.status = status;
  }
}

/** Thrown through the VM when Ruby calls into the host; nothing behind these imports exists. */
export class HostCallRefused extends Error {
  constructor(name: string) {
    super(`call to the host refused (${name})`);
    this.name = "HostCallRefused";
  }
}

const success = 0;
const badFile = 8;
const notSupported = 58;
const characterDevice = 2;

/**
 * The whole of the operating system that templates get: a clock, random bytes, one input stream, a sleep. No files but those inside the Ruby image,
 * no environment, no arguments, no sockets. What is written to stdout and stderr is dropped.
 */
export class ClosedWasi {
  memory!: WasmMemory;
  private input: Uint8Array = new Uint8Array();
  private readonly pause = new Int32Array(new SharedArrayBuffer(4));

  /** Sets what Ruby's STDIN yields next. */
  give(input: Uint8Array): void {
    this.input = input;
  }

  imports(): Record<string, (...args: never[]) => number> {
    return {
      environ_sizes_get: (count: number, size: number) => this.words([count, 0], [size, 0]),
      environ_get: () => success,
      clock_res_get: (_id: number, at: number) => this.long(at, 1_000_000n),
      clock_time_get: (id: number, _precision: bigint, at: number) => this.long(at, now(id)),
      random_get: (at: number, length: number) => this.random(at, length),
      fd_fdstat_get: (fd: number, at: number) => this.describe(fd, at),
      fd_read: (fd: number, buffers: number, count: number, read: number) => this.read(fd, buffers, count, read),
      fd_write: (fd: number, buffers: number, count: number, written: number) => this.write(fd, buffers, count, written),
      poll_oneoff: (subscriptions: number, events: number, count: number, happened: number) => this.sleep(subscriptions, events, count, happened),
      proc_exit: (status: number) => {
        throw new VmExit(status);
      },
    };
  }

  /** The answer of every other call: there is no such file. */
  static refuse(): number {
    return badFile;
  }

  private get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  private words(...pairs: [number, number][]): number {
    for (const [at, value] of pairs) this.view.setUint32(at, value, true);
    return success;
  }

  private long(at: number, value: bigint): number {
    this.view.setBigUint64(at, value, true);
    return success;
  }

  private random(at: number, length: number): number {
    const limit = 65_536;
    for (let i = 0; i < length; i += limit) crypto.getRandomValues(new Uint8Array(this.memory.buffer, at + i, Math.min(limit, length - i)));
    return success;
  }

  private describe(fd: number, at: number): number {
    if (fd > 2) return badFile;
    const rights = fd === 0 ? 1n << 1n : 1n << 6n;
    new Uint8Array(this.memory.buffer, at, 24).fill(0);
    this.view.setUint8(at, characterDevice);
    return this.long(at + 8, rights);
  }

  private *buffers(at: number, count: number): Generator<Uint8Array> {
    for (let i = 0; i < count; i++) yield new Uint8Array(this.memory.buffer, this.view.getUint32(at + 8 * i, true), this.view.getUint32(at + 8 * i + 4, true));
  }

  private read(fd: number, buffers: number, count: number, read: number): number {
    if (fd !== 0) return badFile;
    let total = 0;
    for (const buffer of this.buffers(buffers, count)) {
      const part = this.input.subarray(0, buffer.length);
      buffer.set(part);
      this.input = this.input.subarray(part.length);
      total += part.length;
    }
    return this.words([read, total]);
  }

  private write(fd: number, buffers: number, count: number, written: number): number {
    if (fd !== 1 && fd !== 2) return badFile;
    let total = 0;
    for (const buffer of this.buffers(buffers, count)) total += buffer.length;
    return this.words([written, total]);
  }

  /** Sleeps until the first clock subscription is due, without burning the processor. The pool's time limit ends sleeps that are too long. */
  private sleep(subscriptions: number, events: number, count: number, happened: number): number {
    let first: { wait: number; user: bigint } | undefined;
    for (let i = 0; i < count; i++) {
      const at = subscriptions + 48 * i;
      if (this.view.getUint8(at + 8) !== 0) continue;
      const due = this.view.getBigUint64(at + 24, true);
      const absolute = (this.view.getUint16(at + 40, true) & 1) === 1;
      const wait = Number(absolute ? due - now(this.view.getUint32(at + 16, true)) : due) / 1e6;
      if (!first || wait < first.wait) first = { wait, user: this.view.getBigUint64(at, true) };
    }
    if (!first) return notSupported;
    if (first.wait > 0) Atomics.wait(this.pause, 0, 0, first.wait);
    new Uint8Array(this.memory.buffer, events, 32).fill(0);
    this.long(events, first.user);
    return this.words([happened, 1]);
  }
}

function now(clock: number): bigint {
  return clock === 0 ? BigInt(Date.now()) * 1_000_000n : BigInt(Math.round(performance.now() * 1e6));
}
