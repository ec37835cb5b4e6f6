import type { ProcessReport } from "../../director/protocol/index.ts";
import { readText } from "../files.ts";
import { kernelUptime, listProcesses, TICKS_PER_SECOND, usageOfTree } from "../platform/processes.ts";
import type { Service } from "./service.ts";

/** Tells what services use; processor shares are over the time since the last question, at first since the start. */
export class ProcessMeter {
  readonly #last = new Map<string, { pid: number; at: number; ticks: number }>();

  report(services: readonly Service[]): ProcessReport[] {
    if (services.length === 0) return [];
    const all = listProcesses();
    const now = kernelUptime();
    const totalKb = Number(/MemTotal:\s+(\d+)/.exec(readText("/proc/meminfo") ?? "")?.[1] ?? 0);
    return services.map((service) => {
      const { name } = service.spec;
      const process = service.process();
      if (process === undefined) return { name, state: service.state, uptime: { secs: 0 }, mem: { kb: 0, percent: 0 }, cpu: { total: 0 } };
      const { kb, ticks } = usageOfTree(process.pid, all);
      const started = process.startTicks / TICKS_PER_SECOND;
      const last = this.#last.get(name);
      const since = last?.pid === process.pid ? last : { at: started, ticks: 0 };
      this.#last.set(name, { pid: process.pid, at: now, ticks });
      const seconds = Math.max(0.01, now - since.at);
      return {
        name,
        state: service.state,
        uptime: { secs: Math.max(0, Math.floor(now - started)) },
        mem: { kb, percent: totalKb === 0 ? 0 : round((kb / totalKb) * 100) },
        cpu: { total: round((Math.max(0, ticks - since.ticks) / TICKS_PER_SECOND / seconds) * 100) },
      };
    });
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
