import { readFileSync } from "node:fs";

/** What the job's template writes. */
export interface Config {
  /** The instance's own address, on the network where the virtual ones are. */
  address: string;
  virtualAddresses: string[];
  /** Addresses of the group's other instances. */
  peers: string[];
  routerId: number;
  priority: number;
  intervalMs: number;
  healthPort: number;
  stateFile: string;
}

export function readConfig(file: string): Config {
  return JSON.parse(readFileSync(file, "utf8")) as Config;
}
