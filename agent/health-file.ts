import { writeAtomic } from "./files.ts";
import type { Layout } from "./layout.ts";
import type { Supervisor } from "./supervisor/supervisor.ts";

const PERIOD_MS = 30_000;

/** Keeps `health.json`, by which a DNS server on the VM knows whether this instance is healthy. */
export function startHealthFile(layout: Layout, supervisor: Supervisor): void {
  const write = () => {
    try {
      writeAtomic(layout.health, JSON.stringify({ state: supervisor.state() }), 0o644);
    } catch {
      // A full disk: the next try comes by itself.
    }
  };
  write();
  setInterval(write, PERIOD_MS);
}
