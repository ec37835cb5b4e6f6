import { timingSafeEqual } from "node:crypto";
import http from "node:http";
import { type RouteTable } from "./route-table.ts";
import { address } from "./register-message.ts";

/** Serves `GET /routes` on 127.0.0.1 to who knows the user and password. */
export function serveStatus(options: { port: number; user: string; password: string }, table: RouteTable, summary: () => Record<string, unknown>): http.Server {
  const wanted = Buffer.from(`Basic ${Buffer.from(`${options.user}:${options.password}`).toString("base64")}`);
  const page = http.createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? "");
    if (options.password === "" || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="router"' }).end();
      return;
    }
    if (request.method !== "GET" || (request.url !== "/routes" && request.url !== "/varz")) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(`${JSON.stringify(request.url === "/varz" ? summary() : routes(table))}\n`);
  });
  return page.listen(options.port, "127.0.0.1");
}

function routes(table: RouteTable): Record<string, unknown[]> {
  const out: Record<string, unknown[]> = {};
  for (const [uri, pool] of table.pools) {
    out[uri] = [...pool.values()].map((e) => ({
      address: address(e),
      tls: e.tls,
      protocol: e.protocol,
      private_instance_id: e.instanceId,
      private_instance_index: e.instanceIndex,
      availability_zone: e.az,
      ...(e.san ? { server_cert_domain_san: e.san } : {}),
      app: e.app,
      last_seen: new Date(e.seenAt).toISOString(),
    }));
  }
  return out;
}
