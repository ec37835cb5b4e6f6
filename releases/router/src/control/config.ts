import { readFileSync } from "node:fs";

/** What the job's template writes; numbers of time are seconds. */
export interface Config {
  ip: string;
  az: string;
  nats: { servers: string[]; user: string; password: string; tls: boolean; ca: string; serverName: string; certificate: string; privateKey: string };
  startWait: number;
  registerInterval: number;
  ttl: number;
  pruneInterval: number;
  suspendPruning: boolean;
  ineligible: number;
  azPreference: "none" | "locally-optimistic";
  sharding: "all" | "segments" | "shared-and-segments";
  segments: string[];
  maxRoutes: number;
  status: { port: number; user: string; password: string };
  runtimeSocket: string;
  mapDir: string;
  backendCa: string;
  tableFile: string;
}

export function readConfig(file: string): Config {
  return JSON.parse(readFileSync(file, "utf8")) as Config;
}
