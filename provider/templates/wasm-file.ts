/**
 * Caps the memory that a WebAssembly module may ever take, by writing a maximum into its memory section; growth past it fails inside the VM
 * (Ruby then raises NoMemoryError). Throws when the bytes are not a module with one memory of its own.
 */
export function capMemory(wasm: Uint8Array, maximumBytes: number): Uint8Array {
  const section = memorySection(wasm);
  const reader = { at: section.content };
  if (leb(wasm, reader) !== 1) throw new Error("the Ruby image has not exactly one memory");
  leb(wasm, reader);
  const minimum = leb(wasm, reader);
  const maximum = Math.max(minimum, Math.floor(maximumBytes / 65_536));
  const content = [1, 1, ...toLeb(minimum), ...toLeb(maximum)];
  const replaced = Uint8Array.from([5, ...toLeb(content.length), ...content]);
  const result = new Uint8Array(wasm.length - (section.end - section.start) + replaced.length);
  result.set(wasm.subarray(0, section.start));
  result.set(replaced, section.start);
  result.set(wasm.subarray(section.end), section.start + replaced.length);
  return result;
}

function memorySection(wasm: Uint8Array): { start: number; content: number; end: number } {
  const reader = { at: 8 };
  while (reader.at < wasm.length) {
    const start = reader.at;
    const id = wasm[reader.at++];
    const length = leb(wasm, reader);
    const end = reader.at + length;
    if (id === 5) return { start, content: reader.at, end };
    reader.at = end;
  }
  throw new Error("the Ruby image has no memory section");
}

function leb(bytes: Uint8Array, reader: { at: number }): number {
  let result = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++] ?? 0;
    result += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) return result;
  }
}

function toLeb(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return bytes;
}
