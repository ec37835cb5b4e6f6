import { statfsSync } from "node:fs";
import type { DiskVitals, Vitals } from "../../director/protocol/index.ts";
import { readText } from "../files.ts";
import type { Layout } from "../layout.ts";
import { isMountPoint } from "./mounts.ts";
import { kernelUptime, statProcess, TICKS_PER_SECOND } from "./processes.ts";

/** What the VM as a whole uses; processor shares are since the last question. */
export class VitalsMeter {
  #lastCpu: number[] = [];

  read(layout: Layout, options: { hasPersistentDisk: boolean }): Vitals {
    const memory = readText("/proc/meminfo") ?? "";
    const kb = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(memory)?.[1] ?? 0);
    const used = kb("MemTotal") - kb("MemAvailable");
    const swapUsed = kb("SwapTotal") - kb("SwapFree");
    return {
      cpu: this.#cpu(),
      disk: {
        system: usage("/"),
        ephemeral: isMountPoint(layout.data) ? usage(layout.data) : {},
        persistent: options.hasPersistentDisk ? usage(layout.store) : {},
      },
      load: (readText("/proc/loadavg") ?? "").split(" ").slice(0, 3),
      mem: { kb: String(used), percent: percent(used, kb("MemTotal")) },
      swap: { kb: String(swapUsed), percent: percent(swapUsed, kb("SwapTotal")) },
      uptime: { secs: uptimeOfVm() },
    };
  }

  #cpu(): Vitals["cpu"] {
    const line = (readText("/proc/stat") ?? "").split("\n")[0] ?? "";
    const now = line.split(/\s+/).slice(1).map(Number);
    const delta = now.map((value, i) => value - (this.#lastCpu[i] ?? 0));
    this.#lastCpu = now;
    const total = delta.reduce((sum, value) => sum + value, 0) || 1;
    const share = (...columns: number[]) => ((columns.reduce((sum, i) => sum + (delta[i] ?? 0), 0) / total) * 100).toFixed(1);
    return { user: share(0, 1), sys: share(2), wait: share(4) };
  }
}

/** Since the first process of the VM's namespace began; on a whole machine, since its boot. */
function uptimeOfVm(): number {
  const first = statProcess(1);
  return Math.max(0, Math.floor(kernelUptime() - (first?.startTicks ?? 0) / TICKS_PER_SECOND));
}

function usage(dir: string): DiskVitals {
  try {
    const fs = statfsSync(dir);
    return { percent: percent(fs.blocks - fs.bfree, fs.blocks - fs.bfree + fs.bavail), inode_percent: percent(fs.files - fs.ffree, fs.files) };
  } catch {
    return {};
  }
}

function percent(part: number, whole: number): string {
  return whole <= 0 ? "0" : String(Math.round((part / whole) * 100));
}
