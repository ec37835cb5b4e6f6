// Node's types leave WebAssembly to the DOM library, which this project does not load; these are the parts in use.

/** A compiled module; can be sent to other threads. */
export interface WasmModule {
  readonly compiled?: never;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Grows by pages of 64 KiB; throws past the maximum. */
  grow(pages: number): number;
}

interface WasmApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Module: { imports(module: WasmModule): { module: string; name: string; kind: string }[] };
  Instance: new (module: WasmModule, imports: Record<string, Record<string, unknown>>) => { readonly exports: Record<string, unknown> };
}

export const wasm = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;
