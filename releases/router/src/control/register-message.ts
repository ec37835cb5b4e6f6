import { normalUri } from "./uri.ts";

export interface Endpoint {
  host: string;
  port: number;
  tls: boolean;
  /** Name the backend's certificate must carry; only with TLS. */
  san: string;
  protocol: "http1" | "http2";
  app: string;
  instanceId: string;
  instanceIndex: string;
  processId: string;
  az: string;
  isolationSegment: string;
  /** Own time to live in seconds, if the emitter asked for a shorter one than the router's. */
  ttl: number | undefined;
  /** Orders updates of one endpoint; 0 when the emitter sends none. */
  updatedAtNs: bigint;
}

export interface RegisterMessage {
  uris: string[];
  endpoint: Endpoint;
}

const ID = /^[A-Za-z0-9_.:-]{0,100}$/;
const HOST = /^[A-Za-z0-9_.:-]{1,253}$/;

function text(source: Record<string, unknown>, key: string): string {
  const value = source[key];
  return typeof value === "string" && ID.test(value) ? value : "";
}

function port(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65536 ? value : 0;
}

/** Nanoseconds since 1970 do not fit a double, so they are read from the text before JSON rounds them. */
function updatedAt(payload: string): bigint {
  const found = /"endpoint_updated_at_ns"\s*:\s*(\d{1,19})\b/.exec(payload);
  return found?.[1] ? BigInt(found[1]) : 0n;
}

/** Reads `router.register` and `router.unregister`. A message we must not follow gives the reason as text. */
export function readRegisterMessage(payload: string): RegisterMessage | string {
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(payload) as Record<string, unknown>;
  } catch {
    return "not JSON";
  }
  if (typeof data !== "object" || data === null) return "not an object";
  // A route service guards its route: to serve the route without it would bypass the guard.
  if (data["route_service_url"]) return "route services are not supported";
  const uris = (Array.isArray(data["uris"]) ? data["uris"] : []).flatMap((u) => (typeof u === "string" ? [normalUri(u)] : [])).filter((u) => u !== undefined);
  if (uris.length === 0) return "no usable uri";
  const host = data["host"];
  if (typeof host !== "string" || !HOST.test(host)) return "no usable host";
  const tlsPort = port(data["tls_port"]);
  const plainPort = port(data["port"]);
  if (tlsPort === 0 && plainPort === 0) return "no port";
  const stale = data["stale_threshold_in_seconds"];
  const tags = typeof data["tags"] === "object" && data["tags"] !== null ? (data["tags"] as Record<string, unknown>) : {};
  return {
    uris: [...new Set(uris)],
    endpoint: {
      host,
      port: tlsPort || plainPort,
      tls: tlsPort !== 0,
      san: text(data, "server_cert_domain_san"),
      protocol: data["protocol"] === "http2" ? "http2" : "http1",
      app: text(data, "app"),
      instanceId: text(data, "private_instance_id"),
      instanceIndex: text(data, "private_instance_index"),
      processId: text(tags, "process_id"),
      az: text(data, "availability_zone"),
      isolationSegment: text(data, "isolation_segment"),
      ttl: typeof stale === "number" && stale > 0 ? stale : undefined,
      updatedAtNs: updatedAt(payload),
    },
  };
}

export function address(endpoint: Pick<Endpoint, "host" | "port">): string {
  return `${endpoint.host}:${endpoint.port}`;
}
