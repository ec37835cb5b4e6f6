const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long each step may take in all, in milliseconds. The agent itself limits none but `stop`. */
export const DEFAULT_DEADLINES = {
  ping: 10 * SECOND,
  query: MINUTE,
  prepare: 15 * MINUTE,
  apply: 15 * MINUTE,
  start: 2 * MINUTE,
  /** The agent gives up after five minutes by itself. */
  stop: 6 * MINUTE,
  drain: 60 * MINUTE,
  run_script: 60 * MINUTE,
  run_errand: 24 * 60 * MINUTE,
  compile_package: 4 * 60 * MINUTE,
  disk: 15 * MINUTE,
  migrate_disk: 24 * 60 * MINUTE,
  update_settings: 5 * MINUTE,
  sync_dns: MINUTE,
  fetch_logs: 15 * MINUTE,
} as const satisfies Record<string, number>;

export type Deadlines = { readonly [step in keyof typeof DEFAULT_DEADLINES]: number };
