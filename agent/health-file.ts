import { writeAtomic } from "./files.ts";
import type { Layout } from "./layout.ts";
import type { Supervisor } from "./supervisor/supervisor.ts";

const PERIOD_MS = 30_000;

/** Keeps `health.json`, by which a DNS server on the VM knows whether this instance is healthy. */
export function startHealthFile(layout: Layout, supervisor: Supervisor): void {
  writeHealth(layout, supervisor);
  setInterval(() => writeHealth(layout, supervisor), PERIOD_MS);
}

export function writeHealth(layout: Layout, supervisor: Supervisor): void {
  try {
    writeAtomic(layout.health, JSON.stringify({ state: supervisor.state() }), 0o644);
  } catch {
    // A full disk: the next try comes by itself.
  }
}
