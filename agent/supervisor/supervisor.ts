import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { JobState, ProcessReport } from "../../director/protocol/index.ts";
import { asObject } from "../decode.ts";
import { makeDir, readJson, readText, remove, writeAtomic } from "../files.ts";
import type { Layout } from "../layout.ts";
import type { AgentLog } from "../log.ts";
import { parseMonitFile } from "./monit-file.ts";
import { dependentsOf, inStartOrder } from "./order.ts";
import { ProcessMeter } from "./process-meter.ts";
import { Service } from "./service.ts";

const CHECK_MS = 1000;
const STOP_LIMIT_MS = 5 * 60 * 1000;
const STOP_POLL_MS = 200;
const GROUP = "vcap";

/** Plays monit for the services that the jobs' `monit` files describe. */
export class Supervisor {
  readonly #layout: Layout;
  readonly #log: AgentLog;
  readonly #meter = new ProcessMeter();
  #services = new Map<string, Service>();
  #saved = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(layout: Layout, log: AgentLog) {
    this.#layout = layout;
    this.#log = log;
  }

  /** Follows the processes that an earlier run of the agent watched, and starts those that are gone. */
  resume(): void {
    this.reload();
    const watched = asObject(readJson(this.#layout.monitState), "monit state");
    for (const [name, service] of this.#services) if (watched[name] === true) service.monitored = "yes";
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#check();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the monit files anew. Services that stay keep their state; those that went are forgotten, not stopped. */
  reload(): void {
    const next = new Map<string, Service>();
    for (const file of existsSync(this.#layout.monitJobs) ? readdirSync(this.#layout.monitJobs).sort() : []) {
      if (!file.endsWith(".monitrc")) continue;
      const ignored = (statement: string) => this.#log.warn("supervisor", `${file}: ignoring '${statement}'`);
      for (const spec of parseMonitFile(readText(path.join(this.#layout.monitJobs, file)) ?? "", ignored)) {
        const old = this.#services.get(spec.name);
        const service = old && isDeepStrictEqual(old.spec, spec) ? old : new Service(spec, this.#log);
        if (old !== undefined) service.monitored = old.monitored;
        next.set(spec.name, service);
      }
    }
    for (const [name, old] of this.#services) if (!next.has(name)) old.monitored = "no";
    this.#services = next;
  }

  /** Asks every service of the group to start and returns before they run. */
  start(): void {
    const started = new Map<Service, Promise<void>>();
    for (const service of inStartOrder(this.#group(), this.#services)) {
      service.monitored = service.monitored === "yes" ? "yes" : "init";
      const before = service.spec.dependsOn.flatMap((name) => started.get(this.#services.get(name)!) ?? []);
      started.set(service, service.enqueue(() => service.start(), before));
    }
    remove(this.#layout.stopped);
    this.#save();
  }

  /** Asks every service of the group to stop, dependents first; with `wait`, until all are. */
  async stop(options: { wait: boolean }): Promise<void> {
    const deadline = Date.now() + STOP_LIMIT_MS;
    if (options.wait) {
      await this.#until(deadline, () => this.#names((s) => s.pending), "to no longer be pending");
    }
    this.#enqueueStops(inStartOrder(this.#group(), this.#services));
    makeDir(this.#layout.monit, 0o700);
    writeFileSync(this.#layout.stopped, "");
    if (!options.wait) return;
    await this.#until(deadline, () => this.#names((s) => s.pending || s.monitored !== "no"), "to stop", () => {
      const errored = this.#names((s) => s.error !== undefined && !s.pending);
      if (errored.length > 0) throw new Error(`Stopping services '[${errored.join(" ")}]' errored`);
    });
    this.#save();
  }

  unmonitor(): void {
    for (const service of this.#group()) service.monitored = "no";
    this.#save();
  }

  state(): JobState {
    if (existsSync(this.#layout.stopped)) return "stopped";
    const states = this.#group().map((service) => service.state);
    if (states.includes("starting")) return "starting";
    return states.every((state) => state === "running") ? "running" : "failing";
  }

  processes(): ProcessReport[] {
    return this.#meter.report(this.#group());
  }

  /** Waits for operations under way, so that an exit of the agent doesn't leave a start half done. */
  async settle(milliseconds: number): Promise<void> {
    const all = Promise.all([...this.#services.values()].map((service) => service.settled));
    const timer = new AbortController();
    await Promise.race([all, sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  #group(): Service[] {
    return [...this.#services.values()].filter((service) => service.spec.groups.includes(GROUP));
  }

  #names(match: (service: Service) => boolean): string[] {
    return this.#group().filter(match).map((service) => service.spec.name);
  }

  #enqueueStops(startOrder: readonly Service[]): Map<Service, Promise<void>> {
    const stopped = new Map<Service, Promise<void>>();
    for (const service of startOrder.toReversed()) {
      const before = [...stopped].filter(([other]) => other.spec.dependsOn.includes(service.spec.name)).map(([, done]) => done);
      stopped.set(service, service.enqueue(() => service.stop(), before));
    }
    return stopped;
  }

  #check(): void {
    const now = Date.now();
    for (const service of this.#services.values()) if (service.isDue(now)) this.#restart(service, now);
    this.#save();
  }

  #restart(service: Service, now: number): void {
    service.noteRestart(now);
    const dependents = dependentsOf(service, this.#services).filter((other) => other.monitored !== "no");
    const stops = this.#enqueueStops(dependents);
    const started = new Map([[service, service.enqueue(() => service.start(), [...stops.values()])]]);
    for (const other of dependents) {
      const before = other.spec.dependsOn.flatMap((name) => started.get(this.#services.get(name)!) ?? []);
      const again = async () => {
        other.monitored = "init";
        await other.start();
      };
      started.set(other, other.enqueue(again, before));
    }
  }

  async #until(deadline: number, rest: () => string[], what: string, check?: () => void): Promise<void> {
    for (;;) {
      const names = rest();
      check?.();
      if (names.length === 0) return;
      if (Date.now() >= deadline) throw new Error(`Timed out waiting for services '${names.join(", ")}' ${what} after 5 minutes`);
      await sleep(STOP_POLL_MS);
    }
  }

  #save(): void {
    const state = JSON.stringify(Object.fromEntries([...this.#services].map(([name, s]) => [name, s.monitored !== "no"])));
    if (state === this.#saved) return;
    try {
      makeDir(this.#layout.monit, 0o700);
      writeAtomic(this.#layout.monitState, state, 0o600);
      this.#saved = state;
    } catch (error) {
      // On a full disk the supervision goes on; the next check saves again.
      this.#log.error("supervisor", error instanceof Error ? error.message : String(error));
    }
  }
}
