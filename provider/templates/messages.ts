import type { VmSnapshot } from "./ruby-vm.ts";
import type { WasmModule } from "./wasm.ts";

/** What a Ruby thread starts with. */
export interface ThreadStart {
  module: WasmModule;
  /** Ruby files that define the evaluation context, in load order. Not needed with a snapshot. */
  prelude: readonly string[];
  snapshot?: VmSnapshot;
  /** Int32: how many templates were begun, number of the job, number of the template. Lets the pool name what hangs. */
  progress: SharedArrayBuffer;
  /** Largest rendered file, in bytes. */
  outputLimit: number;
}

/** To the thread: one instance. `input` is the JSON that `TemplateSession.start` reads; `counts[i]` the number of templates of job i, monit included. */
export interface RenderOrder {
  input: Uint8Array;
  counts: readonly number[];
}

/** What became of one template. `line` is Ruby's idea of the failing line. */
export type TemplateOutcome = { ok: true; content: Uint8Array } | { ok: false; line: string; message: string };

export interface RenderAnswer {
  /** Per job the outcomes in template order; shorter than ordered after a failed monit or a VM that is gone. */
  jobs: TemplateOutcome[][];
}

/** From the thread: ready (with the snapshot, when it had to boot), or an answer. */
export type ThreadReport = { ready: true; snapshot?: VmSnapshot } | { answer: RenderAnswer } | { bug: string };
