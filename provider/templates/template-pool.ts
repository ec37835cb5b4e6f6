import { availableParallelism } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { RepaveError } from "../../director/core/errors.ts";
import type { RenderAnswer, RenderOrder, ThreadReport, ThreadStart } from "./messages.ts";
import { compileRuby, readPrelude } from "./ruby-image.ts";
import type { VmSnapshot } from "./ruby-vm.ts";
import type { WasmModule } from "./wasm.ts";

export interface TemplatePoolOptions {
  /** Ruby VMs at most, each a thread; they start when needed. Default: one per processor, at most 4. About 100 MB each. */
  threads?: number;
  /** How long one template may take, in milliseconds. Default 10,000. */
  timeLimit?: number;
  /** How much memory one VM may take, in bytes. Default 512 MiB. */
  memoryLimit?: number;
  /** The largest rendered file, in bytes. Default 64 MiB. */
  outputLimit?: number;
}

/** How an order ended: an answer, or the template that used up its time, or a thread that is gone. */
export type PoolResult = { answer: RenderAnswer } | { stuck: { job: number; template: number; why: string } };

interface Task {
  order: RenderOrder;
  attempts: number;
  resolve(result: PoolResult): void;
  reject(error: unknown): void;
}

interface Thread {
  worker: Worker;
  progress: Int32Array;
  ready: boolean;
  task?: Task;
  watch?: NodeJS.Timeout;
}

/**
 * Ruby VMs in threads. Nothing starts before the first `run`; idle threads don't keep the process alive. A template that takes too long, eats its
 * memory or breaks its VM ends as that template's error, and the next order gets a fresh VM.
 */
export class TemplatePool {
  private readonly limits: Required<TemplatePoolOptions>;
  private readonly threads = new Set<Thread>();
  private readonly queue: Task[] = [];
  private image: Promise<{ module: WasmModule; prelude: string[] }> | undefined;
  private snapshot: VmSnapshot | undefined;
  private starting = 0;
  private closed = false;

  constructor(options: TemplatePoolOptions = {}) {
    this.limits = {
      threads: options.threads ?? Math.min(4, availableParallelism()),
      timeLimit: options.timeLimit ?? 10_000,
      memoryLimit: options.memoryLimit ?? 512 << 20,
      outputLimit: options.outputLimit ?? 64 << 20,
    };
  }

  /** The limit on one template, in milliseconds. */
  get timeLimit(): number {
    return this.limits.timeLimit;
  }

  run(order: RenderOrder, signal?: AbortSignal): Promise<PoolResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new RepaveError("render.closed", "The template renderer is closed"));
      if (signal?.aborted) return reject(cancelled());
      const stop = () => this.cancel(task);
      const done = () => signal?.removeEventListener("abort", stop);
      const task: Task = {
        order,
        attempts: 0,
        resolve: (result) => (done(), resolve(result)),
        reject: (error) => (done(), reject(error)),
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.queue.push(task);
      this.next();
    });
  }

  /** Ends all threads; waiting orders fail with `render.closed`. */
  async close(): Promise<void> {
    this.closed = true;
    const error = new RepaveError("render.closed", "The template renderer was closed");
    for (const task of this.queue.splice(0)) task.reject(error);
    await Promise.all(
      [...this.threads].map((thread) => {
        thread.task?.reject(error);
        return this.drop(thread);
      }),
    );
  }

  private next(): void {
    while (this.queue.length > 0) {
      const idle = [...this.threads].find((thread) => thread.ready && !thread.task);
      if (!idle) break;
      this.give(idle, this.queue.shift()!);
    }
    // The first VM boots from nothing and leaves a snapshot; starting a second before that would boot twice.
    const room = this.snapshot ? this.limits.threads - this.threads.size - this.starting : this.threads.size + this.starting === 0 ? 1 : 0;
    const unready = [...this.threads].filter((thread) => !thread.ready).length + this.starting;
    for (let i = unready; i < Math.min(this.queue.length, room + unready); i++) void this.start();
  }

  private async start(): Promise<void> {
    this.starting++;
    try {
      this.image ??= this.load();
      const { module, prelude } = await this.image;
      if (this.closed) return;
      const progress = new SharedArrayBuffer(12);
      const data: ThreadStart = { module, prelude, snapshot: this.snapshot, progress, outputLimit: this.limits.outputLimit };
      const worker = new Worker(threadCode(), {
        eval: true,
        workerData: data,
        execArgv: [],
        env: {},
        // Ruby in WebAssembly takes deep stacks: with the default of 4 MB, 200 levels of Ruby end its VM.
        resourceLimits: { stackSizeMb: 64, maxOldGenerationSizeMb: 1024 },
      });
      const thread: Thread = { worker, progress: new Int32Array(progress), ready: false };
      this.threads.add(thread);
      worker.on("message", (report: ThreadReport) => this.report(thread, report));
      worker.on("error", (error) => this.lost(thread, error));
      worker.on("exit", () => this.lost(thread, new Error("the thread ended")));
    } catch (error) {
      this.image = undefined;
      for (const task of this.queue.splice(0)) task.reject(new RepaveError("render.start", "Ruby for templates does not start", { cause: error }));
    } finally {
      this.starting--;
    }
  }

  private async load(): Promise<{ module: WasmModule; prelude: string[] }> {
    const [module, prelude] = await Promise.all([compileRuby(this.limits.memoryLimit), readPrelude()]);
    return { module, prelude };
  }

  private report(thread: Thread, report: ThreadReport): void {
    if ("ready" in report) {
      thread.ready = true;
      this.snapshot ??= report.snapshot;
      thread.worker.unref();
    } else {
      const task = this.release(thread);
      if ("answer" in report) task?.resolve({ answer: report.answer });
      else task?.reject(new RepaveError("render.broken", "The template renderer failed", { cause: new Error(report.bug) }));
    }
    this.next();
  }

  private give(thread: Thread, task: Task): void {
    thread.task = task;
    task.attempts++;
    thread.worker.ref();
    thread.worker.postMessage(task.order);
    let seen = Atomics.load(thread.progress, 0);
    let since = performance.now();
    thread.watch = setInterval(() => {
      const begun = Atomics.load(thread.progress, 0);
      if (begun !== seen) [seen, since] = [begun, performance.now()];
      else if (performance.now() - since > this.limits.timeLimit) this.stuck(thread, `not done after ${this.limits.timeLimit / 1000} s`);
    }, Math.min(100, this.limits.timeLimit / 2));
    thread.watch.unref();
  }

  private stuck(thread: Thread, why: string): void {
    const task = this.release(thread);
    void this.drop(thread);
    task?.resolve({ stuck: { job: Atomics.load(thread.progress, 1), template: Atomics.load(thread.progress, 2), why } });
    this.next();
  }

  /** A thread that ended by itself. Its order gets one more try, since a crash of the engine need not be the template's doing. */
  private lost(thread: Thread, error: Error): void {
    if (!this.threads.has(thread)) return;
    const task = this.release(thread);
    void this.drop(thread);
    if (!thread.ready) {
      for (const waiting of this.queue.splice(0)) waiting.reject(new RepaveError("render.start", "Ruby for templates does not start", { cause: error }));
    } else if (task && task.attempts < 2) this.queue.unshift(task);
    else task?.resolve({ stuck: { job: Atomics.load(thread.progress, 1), template: Atomics.load(thread.progress, 2), why: `Ruby's thread crashed: ${error.message}` } });
    this.next();
  }

  private cancel(task: Task): void {
    const waiting = this.queue.indexOf(task);
    if (waiting >= 0) this.queue.splice(waiting, 1);
    const thread = [...this.threads].find((one) => one.task === task);
    if (thread) {
      this.release(thread);
      void this.drop(thread);
    }
    task.reject(cancelled());
    this.next();
  }

  private release(thread: Thread): Task | undefined {
    clearInterval(thread.watch);
    const task = thread.task;
    thread.task = undefined;
    if (this.threads.has(thread)) thread.worker.unref();
    return task;
  }

  private async drop(thread: Thread): Promise<void> {
    clearInterval(thread.watch);
    this.threads.delete(thread);
    await thread.worker.terminate();
  }
}

function cancelled(): RepaveError {
  return new RepaveError("render.cancelled", "Rendering was cancelled");
}

/** From the sources, the thread needs the TypeScript loader that the process has; compiled, it needs nothing. */
function threadCode(): string {
  const extension = path.extname(__filename);
  const loader = extension === ".ts" ? `require(${JSON.stringify(require.resolve("tsx/cjs"))});` : "";
  return `${loader}require(${JSON.stringify(path.join(__dirname, `ruby-thread${extension}`))});`;
}
