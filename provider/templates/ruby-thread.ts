// Runs in a thread of its own: one Ruby VM, one instance at a time, each from the same clean memory.
import { parentPort, workerData } from "node:worker_threads";
import { HostCallRefused, VmExit } from "./closed-wasi.ts";
import type { RenderAnswer, RenderOrder, TemplateOutcome, ThreadReport, ThreadStart } from "./messages.ts";
import { RubyError, RubyVm, type VmSnapshot } from "./ruby-vm.ts";

const spareBytes = 32 << 20;

const start = workerData as ThreadStart;
const progress = new Int32Array(start.progress);
const port = parentPort!;
const say = (report: ThreadReport) => port.postMessage(report);

let vm: RubyVm | undefined;
const snapshot = start.snapshot ?? boot();
say({ ready: true, snapshot: start.snapshot ? undefined : snapshot });

port.on("message", (order: RenderOrder) => {
  try {
    say({ answer: render(order) });
  } catch (error) {
    vm = undefined;
    say({ bug: describe(error) });
  }
});

function boot(): VmSnapshot {
  const fresh = new RubyVm(start.module);
  fresh.boot();
  for (const source of start.prelude) evaluatePrelude(fresh, source);
  // Free room inside the snapshot: a VM that need not grow while it renders can be put back instead of being made anew.
  evaluatePrelude(fresh, `"\\0" * ${spareBytes}; GC.start`);
  vm = fresh;
  return fresh.snapshot();
}

function evaluatePrelude(on: RubyVm, source: string): void {
  const answer = Buffer.from(on.evaluate(`begin\n${source}\n''\nrescue Exception => e\n e.full_message(highlight: false)\nend`)).toString();
  if (answer !== "") throw new Error(`the Ruby part of the renderer does not load: ${answer}`);
}

function cleanVm(): RubyVm {
  if (vm?.restore(snapshot)) return vm;
  vm = new RubyVm(start.module);
  vm.restore(snapshot);
  return vm;
}

function render(order: RenderOrder): RenderAnswer {
  const on = cleanVm();
  const jobs: TemplateOutcome[][] = order.counts.map(() => []);
  on.give(order.input);
  on.evaluate("TemplateSession.start");
  for (const [job, outcomes] of jobs.entries()) {
    on.evaluate(`TemplateSession.job(${job})`);
    for (let template = 0; template < order.counts[job]!; template++) {
      Atomics.store(progress, 1, job);
      Atomics.store(progress, 2, template);
      Atomics.add(progress, 0, 1);
      let outcome: TemplateOutcome;
      try {
        outcome = read(on.evaluate(`TemplateSession.template(${template})`));
      } catch (error) {
        // A RubyError here means the template broke the code that reports errors; everything else left the VM half way.
        vm = undefined;
        outcomes.push({ ok: false, line: "(unknown)", message: describe(error) });
        return { jobs };
      }
      outcomes.push(outcome);
      if (template === 0 && !outcome.ok) break;
    }
  }
  return { jobs };
}

function read(answer: Uint8Array): TemplateOutcome {
  if (answer[0] === 0x2b) {
    if (answer.length - 1 > start.outputLimit) return { ok: false, line: "(unknown)", message: `the rendered file is larger than ${start.outputLimit >> 20} MiB` };
    return { ok: true, content: answer.subarray(1) };
  }
  const text = new TextDecoder().decode(answer.subarray(1));
  const end = text.indexOf("\n");
  if (answer[0] !== 0x2d || end < 0) return { ok: false, line: "(unknown)", message: "the template broke the renderer's own Ruby code" };
  return { ok: false, line: text.slice(0, end), message: text.slice(end + 1) };
}

function describe(error: unknown): string {
  if (error instanceof VmExit) return error.message;
  if (error instanceof HostCallRefused) return "templates cannot call JavaScript";
  if (error instanceof RubyError) return "the template broke the renderer's own Ruby code";
  return `Ruby's virtual machine gave up, data nested too deep or endless recursion (${error instanceof Error ? error.message : String(error)})`;
}
