import { ClosedWasi, HostCallRefused } from "./closed-wasi.ts";
import { wasm, type WasmMemory, type WasmModule } from "./wasm.ts";

const call = {
  init: "ruby-init: func(args: list<string>) -> ()",
  evaluate: "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>",
  bytesOf: "rstring-ptr: func(value: handle<rb-abi-value>) -> string",
  freeBytes: "cabi_post_rstring-ptr",
  lastError: "rb-errinfo: func() -> handle<rb-abi-value>",
  clearError: "rb-clear-errinfo: func() -> ()",
} as const;

/** A Ruby exception that left the code we evaluated. */
export class RubyError extends Error {}

/** A booted VM's memory: a new VM that gets it is that VM, in milliseconds instead of seconds. */
export interface VmSnapshot {
  byteLength: number;
  /** Only the parts that are not zero. */
  parts: { at: number; bytes: Uint8Array }[];
}

type Exports = Record<string, (...args: number[]) => number> & { memory: WasmMemory };

/**
 * One Ruby interpreter in WebAssembly. It gets `ClosedWasi` for an operating system and nothing else: the imports of its bridge to JavaScript throw.
 * After any JavaScript error out of `evaluate` other than `RubyError` the VM must not be used again.
 */
export class RubyVm {
  private readonly exports: Exports;
  private readonly wasi = new ClosedWasi();
  private readonly values = new Map<number, number>();
  private nextHandle = 1;

  constructor(module: WasmModule) {
    const imports: Record<string, Record<string, unknown>> = {};
    for (const { module: group, name } of wasm.Module.imports(module)) {
      (imports[group] ??= {})[name] =
        group === "wasi_snapshot_preview1"
          ? ClosedWasi.refuse
          : () => {
              throw new HostCallRefused(name.split(":")[0]!);
            };
    }
    Object.assign(imports["wasi_snapshot_preview1"] ?? {}, this.wasi.imports());
    Object.assign(imports["canonical_abi"] ?? {}, {
      "resource_new_rb-abi-value": (value: number) => this.keep(value),
      "resource_get_rb-abi-value": (handle: number) => this.values.get(handle) ?? 0,
    });
    this.exports = new wasm.Instance(module, imports).exports as unknown as Exports;
    this.wasi.memory = this.exports.memory;
  }

  /** Starts Ruby from nothing (seconds). */
  boot(): void {
    this.exports["_initialize"]!();
    const args = ["ruby", "-EUTF-8", "-W0", "-e_=0"].map((arg) => this.text(`${arg}\0`));
    const list = this.exports["cabi_realloc"]!(0, 0, 4, 8 * args.length);
    args.forEach(({ at, length }, i) => {
      this.view.setUint32(list + 8 * i, at, true);
      this.view.setUint32(list + 8 * i + 4, length, true);
    });
    this.exports[call.init]!(list, args.length);
  }

  get byteLength(): number {
    return this.exports.memory.buffer.byteLength;
  }

  snapshot(): VmSnapshot {
    const memory = new Uint8Array(this.exports.memory.buffer);
    const words = new BigUint64Array(this.exports.memory.buffer);
    const page = 4096;
    const parts: VmSnapshot["parts"] = [];
    const zero = (at: number) => !words.subarray(at / 8, (at + page) / 8).some((word) => word !== 0n);
    for (let at = 0; at < memory.length; at += page) {
      if (zero(at)) continue;
      const start = at;
      while (at < memory.length && !zero(at)) at += page;
      const bytes = new Uint8Array(new SharedArrayBuffer(at - start));
      bytes.set(memory.subarray(start, at));
      parts.push({ at: start, bytes });
    }
    return { byteLength: memory.length, parts };
  }

  /** Makes this VM the one the snapshot was taken of. Answers false when it has grown past it and cannot go back. */
  restore(snapshot: VmSnapshot): boolean {
    if (this.byteLength > snapshot.byteLength) return false;
    if (this.byteLength < snapshot.byteLength) this.exports.memory.grow((snapshot.byteLength - this.byteLength) / 65_536);
    const memory = new Uint8Array(this.exports.memory.buffer);
    let end = 0;
    for (const { at, bytes } of snapshot.parts) {
      memory.fill(0, end, at);
      memory.set(bytes, at);
      end = at + bytes.length;
    }
    memory.fill(0, end);
    this.values.clear();
    return true;
  }

  /** Sets what Ruby's STDIN yields. */
  give(input: Uint8Array): void {
    this.wasi.give(input);
  }

  /** Evaluates code whose value is a String and answers its bytes. Throws `RubyError` for a Ruby exception. */
  evaluate(code: string): Uint8Array {
    const { at, length } = this.text(`${code}\0`);
    const result = this.exports[call.evaluate]!(at, length);
    const value = this.take(this.view.getUint32(result, true));
    if (this.view.getInt32(result + 4, true) !== 0) {
      this.take(this.exports[call.lastError]!());
      this.exports[call.clearError]!();
      throw new RubyError("Ruby raised an exception");
    }
    const pair = this.exports[call.bytesOf]!(this.keep(value));
    const bytes = new Uint8Array(this.exports.memory.buffer, this.view.getUint32(pair, true), this.view.getUint32(pair + 4, true)).slice();
    this.exports[call.freeBytes]!(pair);
    return bytes;
  }

  private get view(): DataView {
    return new DataView(this.exports.memory.buffer);
  }

  private text(text: string): { at: number; length: number } {
    const bytes = new TextEncoder().encode(text);
    const at = this.exports["cabi_realloc"]!(0, 0, 1, bytes.length);
    new Uint8Array(this.exports.memory.buffer).set(bytes, at);
    return { at, length: bytes.length };
  }

  private keep(value: number): number {
    const handle = this.nextHandle++;
    this.values.set(handle, value);
    return handle;
  }

  private take(handle: number): number {
    const value = this.values.get(handle) ?? 0;
    this.values.delete(handle);
    return value;
  }
}
