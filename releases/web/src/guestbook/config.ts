import { readFileSync } from "node:fs";

/** What the job's template writes; numbers of time are seconds. */
export interface Config {
  instance: { id: string; index: number; az: string; group: string };
  listen: { host: string; port: number };
  /** PEM texts; both empty for plain HTTP. */
  tls: { certificate: string; privateKey: string; serverName: string };
  route: { uris: string[]; app: string; interval: number };
  nats: { servers: string[]; user: string; password: string; ca: string; serverName: string; certificate: string; privateKey: string };
  database: { host: string; port: number; name: string; user: string; password: string; ca: string; serverName: string };
  drainWait: number;
  drainTimeout: number;
}

export function readConfig(file: string): Config {
  return JSON.parse(readFileSync(file, "utf8")) as Config;
}
