import { readFile } from "node:fs/promises";
import path from "node:path";
import { createHash } from "node:crypto";
import { wasm, type WasmModule } from "./wasm.ts";
import { capMemory } from "./wasm-file.ts";

const preludeFiles = ["libraries.rb", "dns.rb", "context.rb", "session.rb"];

/** Compiles Ruby with the standard library for VMs that may take at most `memoryLimit` bytes each. */
export async function compileRuby(memoryLimit: number): Promise<WasmModule> {
  const image = await readFile(rubyFile());
  return wasm.compile(capMemory(image, memoryLimit));
}

function rubyFile(): string {
  return require.resolve("@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm");
}

/** The Ruby files that define what templates see, in load order. */
export async function readPrelude(): Promise<string[]> {
  return Promise.all(preludeFiles.map((name) => readFile(path.join(__dirname, "ruby", name), "utf8")));
}

/** Names the Ruby and the prelude in use: part of every cache key, so that a new version of either renders anew. */
export function rendererVersion(): Promise<string> {
  return (version ??= readVersion());
}

let version: Promise<string> | undefined;

async function readVersion(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(path.join(path.dirname(rubyFile()), "../package.json")));
  for (const source of await readPrelude()) hash.update("\0").update(source);
  return hash.digest("hex");
}
