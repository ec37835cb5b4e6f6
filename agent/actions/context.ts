import type { Applier } from "../applier/applier.ts";
import type { BlobStore } from "../blob-store.ts";
import type { Disks } from "../disks.ts";
import type { Layout } from "../layout.ts";
import type { AgentLog } from "../log.ts";
import type { AgentOptions } from "../options.ts";
import type { SettingsStore } from "../settings-store.ts";
import type { SpecStore } from "../spec.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/** The parts of the agent that actions work with. */
export interface Context {
  options: AgentOptions;
  layout: Layout;
  log: AgentLog;
  settings: SettingsStore;
  specs: SpecStore;
  blobs: BlobStore;
  applier: Applier;
  supervisor: Supervisor;
  disks: Disks;
  /** Ends the agent's process. */
  exit(code: number): void;
}
