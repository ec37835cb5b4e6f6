import type { ApplySpec } from "./apply-spec.ts";

export type JobState = "running" | "starting" | "failing" | "stopped" | "unknown";

export type ProcessState = "running" | "starting" | "failing" | "unknown";

export interface ProcessReport {
  name: string;
  state: ProcessState;
  uptime?: { secs?: number };
  mem?: { kb?: number; percent?: number };
  cpu?: { total?: number };
}

export interface DiskVitals {
  percent?: string;
  inode_percent?: string;
}

/** Numbers are strings, as every agent sends them. */
export interface Vitals {
  cpu?: { sys?: string; user?: string; wait?: string };
  disk?: { system?: DiskVitals; ephemeral?: DiskVitals; persistent?: DiskVitals };
  load?: string[];
  mem?: { kb?: string; percent?: string };
  swap?: { kb?: string; percent?: string };
  uptime?: { secs?: number };
}

/** Answer of `get_state`: the saved apply spec and the live fields. */
export interface AgentState extends ApplySpec {
  agent_id: string;
  job_state: JobState;
  vm: { name?: string };
  /** Absent when nothing is supervised. */
  processes?: ProcessReport[];
  /** Only with `"full"`. */
  vitals?: Vitals;
}

export interface ErrandResult {
  stdout: string;
  stderr: string;
  /** 128 + signal if the script was killed. */
  exit_code: number;
}
