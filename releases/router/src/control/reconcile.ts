import { randomUUID } from "node:crypto";
import { type Desired, type MapName, type Server } from "./desired.ts";
import { type RuntimeApi, type ServerState, expectSilence } from "./runtime-api.ts";

/** Of a request, as the proxy's `retries` says. */
const ATTEMPTS = 3;

export interface ReconcileOptions {
  /** Folder of the map files, as the proxy's configuration names it. */
  mapDir: string;
  /** Seconds an endpoint is held for ineligible after a failed connection. */
  ineligible: number;
  /** File of CA certificates for TLS endpoints, known to the proxy since its start. */
  backendCa: string;
}

export interface Flags {
  ready: boolean;
  draining: boolean;
}

/** Brings the proxy to the desired state, whatever it holds: ours, a former process's, or nothing after a restart of its own. */
export class Reconciler {
  private readonly api: RuntimeApi;
  private readonly options: ReconcileOptions;
  private readonly log: (text: string) => void;
  /** Written into the proxy; when it is gone the proxy restarted and lost everything. */
  private readonly epoch = randomUUID();
  private applied = new Map<string, string>();
  private readonly refused = new Map<string, string>();

  constructor(api: RuntimeApi, options: ReconcileOptions, log: (text: string) => void) {
    this.api = api;
    this.options = options;
    this.log = log;
  }

  /** The proxy's upstreams now. Call before each `apply`: it also notices a proxy that restarted. */
  async observe(): Promise<ServerState[]> {
    const flags = await this.api.mapLines(this.mapFile("flags"));
    if (flags.get("epoch") !== this.epoch) {
      if (this.applied.size > 0) this.log("the proxy restarted, filling it again");
      this.applied = new Map();
    }
    return this.api.servers();
  }

  /** Servers come before the maps that point to them and go after these, so that no request meets a gap. */
  async apply(desired: Desired, actual: readonly ServerState[], flags: Flags): Promise<void> {
    const known = new Map(actual.map((s) => [`${s.pool}/${s.name}`, s]));
    for (const [pool, servers] of desired.pools) {
      const states = servers.map((server) => known.get(`${pool}/${server.name}`));
      for (const [i, server] of servers.entries()) await this.ensure(pool, server, states[i]);
      // With nothing else left all of them are tried again, one after another: only servers that are up are retried at.
      if (states.every((state) => state?.down)) for (const { name } of servers) expectSilence(await this.api.ask(`set server ${pool}/${name} health up`));
    }
    for (const name of ["apps", "indexes", "pins", "picks", "pools", "paths", "routes"] as const satisfies MapName[]) await this.map(name, desired.maps[name]);
    await this.map("flags", new Map([["epoch", this.epoch], ["ready", flags.ready ? "1" : "0"], ["draining", flags.draining ? "1" : "0"]]));
    const wanted = new Set([...desired.pools].flatMap(([pool, servers]) => servers.map((s) => `${pool}/${s.name}`)));
    for (const state of actual) if (/^r\d+$/.test(state.pool) && !wanted.has(`${state.pool}/${state.name}`)) await this.remove(state);
  }

  private async ensure(pool: string, { name, entry }: Server, state: ServerState | undefined): Promise<void> {
    const at = `${pool}/${name}`;
    if (state === undefined) {
      const answer = await this.api.ask(`add server ${at} ${bracketed(entry.host)}:${entry.port} ${this.serverOptions(entry)}; enable health ${at}; enable server ${at}`);
      if (!/New server registered/.test(answer)) this.complain(at, `cannot add ${at} (${entry.host}:${entry.port}): ${answer}`);
      else this.refused.delete(at);
      return;
    }
    if (state.host !== entry.host || state.port !== entry.port) await this.api.ask(`set server ${at} addr ${entry.host} port ${entry.port}`);
    if (state.maintenance) expectSilence(await this.api.ask(`set server ${at} health up; set server ${at} state ready`));
  }

  /** Every round tries again; only news is worth a line. */
  private complain(at: string, text: string): void {
    if (this.refused.get(at) !== text) this.log(text);
    this.refused.set(at, text);
  }

  private serverOptions(entry: Server["entry"]): string {
    const hold = `${this.options.ineligible}s`;
    // A failed connection takes the endpoint out at once; the check brings it back when it answers after the hold. With TLS it takes
    // as many as one request has attempts: an endpoint that goes out in between leaves the answer without the handshake's reason.
    const limit = entry.tls ? ATTEMPTS : 1;
    const options = [`check inter ${hold} fastinter ${hold} downinter ${hold} rise 1 fall 1 observe layer4 error-limit ${limit} on-error mark-down`, "pool-purge-delay 5s"];
    if (entry.protocol === "http2") options.push("proto h2");
    // The check only connects, as "check-ssl" is not asked for.
    if (entry.tls) options.push(`ssl verify required ca-file ${this.options.backendCa}`);
    if (entry.tls && entry.san) options.push(`verifyhost ${entry.san} sni str(${entry.san})`);
    return options.join(" ");
  }

  /** Requests under way end in peace: the proxy lets a server go only when its last connection has ended, so later rounds try again. */
  private async remove(state: ServerState): Promise<void> {
    const at = `${state.pool}/${state.name}`;
    if (!state.maintenance) await this.api.ask(`set server ${at} state maint`);
    await this.api.ask(`del server ${at}`);
  }

  private async map(name: MapName | "flags", lines: ReadonlyMap<string, string>): Promise<void> {
    const content = JSON.stringify([...lines].sort());
    if (this.applied.get(name) === content) return;
    await this.api.replaceMap(this.mapFile(name), lines);
    this.applied.set(name, content);
  }

  private mapFile(name: string): string {
    return `${this.options.mapDir}/${name}.map`;
  }
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
