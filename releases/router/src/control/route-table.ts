import { type Endpoint, type RegisterMessage, address } from "./register-message.ts";

export interface Entry extends Endpoint {
  /** Milliseconds since 1970 of the last registration. */
  seenAt: number;
}

export interface TableOptions {
  /** Seconds after which a plain endpoint nobody repeats is dropped. */
  ttl: number;
  sharding: "all" | "segments" | "shared-and-segments";
  segments: readonly string[];
}

/** Which endpoints serve which route. A pool may be empty: its route then answers 503 until the next prune. */
export class RouteTable {
  readonly pools = new Map<string, Map<string, Entry>>();
  private readonly options: TableOptions;

  constructor(options: TableOptions) {
    this.options = options;
  }

  /** True if the table changed in a way the proxy must learn. */
  register(message: RegisterMessage, now: number): boolean {
    if (!this.isOurs(message.endpoint.isolationSegment)) return false;
    let changed = false;
    for (const uri of message.uris) {
      const pool = this.pools.get(uri) ?? new Map<string, Entry>();
      const key = address(message.endpoint);
      const known = pool.get(key);
      if (known && known.updatedAtNs > message.endpoint.updatedAtNs) continue;
      pool.set(key, { ...message.endpoint, seenAt: now });
      changed ||= known === undefined || !sameEndpoint(known, message.endpoint) || !this.pools.has(uri);
      this.pools.set(uri, pool);
    }
    return changed;
  }

  unregister(message: RegisterMessage): boolean {
    let changed = false;
    for (const uri of message.uris) {
      const pool = this.pools.get(uri);
      const known = pool?.get(address(message.endpoint));
      const sent = message.endpoint.updatedAtNs;
      if (!pool || !known || (sent !== 0n && known.updatedAtNs > sent)) continue;
      pool.delete(address(message.endpoint));
      changed = true;
    }
    return changed;
  }

  /** Drops TLS endpoints that could not be reached or are not who they should be; each registration brings them back. */
  dropFailed(failed: ReadonlyMap<string, readonly Entry[]>): Entry[] {
    const dropped: Entry[] = [];
    for (const [uri, entries] of failed) {
      for (const entry of entries) if (entry.tls && this.pools.get(uri)?.delete(address(entry))) dropped.push(entry);
    }
    return dropped;
  }

  /** Drops plain endpoints nobody repeated, and routes without endpoints. TLS endpoints stay: a failed handshake, not silence, tells they are gone. */
  prune(now: number): { routes: number; endpoints: number } {
    const dropped = { routes: 0, endpoints: 0 };
    for (const [uri, pool] of this.pools) {
      for (const [key, entry] of pool) {
        if (entry.tls || now - entry.seenAt <= this.ttlOf(entry) * 1000) continue;
        pool.delete(key);
        dropped.endpoints++;
      }
      if (pool.size > 0) continue;
      this.pools.delete(uri);
      dropped.routes++;
    }
    return dropped;
  }

  /** Takes over entries a former process saved, with the age they had. */
  restore(uri: string, entries: readonly Entry[]): void {
    this.pools.set(uri, new Map(entries.map((e) => [address(e), e])));
  }

  private ttlOf(entry: Entry): number {
    return entry.ttl !== undefined && entry.ttl < this.options.ttl ? entry.ttl : this.options.ttl;
  }

  private isOurs(segment: string): boolean {
    if (this.options.sharding === "all") return true;
    if (segment === "") return this.options.sharding === "shared-and-segments";
    return this.options.segments.includes(segment);
  }
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.tls === b.tls &&
    a.san === b.san &&
    a.protocol === b.protocol &&
    a.app === b.app &&
    a.instanceId === b.instanceId &&
    a.instanceIndex === b.instanceIndex &&
    a.processId === b.processId &&
    a.az === b.az
  );
}
