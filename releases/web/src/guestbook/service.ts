import http from "node:http";
import https from "node:https";
import { type Config } from "./config.ts";
import { DatabaseOutage, type Guestbook } from "./database.ts";
import { BadRequest, isJson, readEntry } from "./form.ts";
import { page } from "./page.ts";

export interface Service {
  listener: http.Server | https.Server;
  /** From now on every answer ends its connection and health is bad. */
  announceEnd(): void;
}

/** The HTTP face. Only what needs the database fails while that is away. */
export function createService(config: Config, guestbook: Guestbook, log: (text: string) => void): Service {
  let ending = false;

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (ending) response.setHeader("Connection", "close");
    const route = `${request.method === "HEAD" ? "GET" : request.method} ${(request.url ?? "").split("?")[0]}`;
    switch (route) {
      case "GET /instance":
        return json(response, 200, { ...config.instance, pid: process.pid });
      case "GET /health":
        return text(response, ending ? 503 : 200, ending ? "stopping" : "ok");
      case "GET /entries":
        return json(response, 200, { entries: await guestbook.latest(100) });
      case "POST /entries": {
        const entry = await readEntry(request);
        await guestbook.add(entry.author, entry.text);
        if (isJson(request)) return json(response, 201, entry);
        response.writeHead(303, { Location: "/" }).end();
        return;
      }
      case "GET /": {
        const entries = await guestbook.latest(50).catch((error: unknown) => {
          if (!(error instanceof DatabaseOutage)) throw error;
          log(`database outage: ${error.message}`);
          return undefined;
        });
        response.writeHead(entries ? 200 : 503, { "Content-Type": "text/html; charset=utf-8", ...safety });
        response.end(page(config.instance, entries));
        return;
      }
      default:
        return text(response, 404, "There is no such page.");
    }
  }

  const handle = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (error instanceof BadRequest) {
        // The rest of the body was not read.
        if (error.status === 413) response.setHeader("Connection", "close");
        text(response, error.status, error.message);
        return;
      }
      log(`${request.method} ${request.url}: ${(error as Error).message}`);
      if (error instanceof DatabaseOutage) {
        response.setHeader("Retry-After", "2");
        text(response, 503, "The guestbook's database cannot be reached now. Please try again soon.");
      } else text(response, 500, "Something went wrong.");
    });
  };
  const { certificate, privateKey } = config.tls;
  const listener = certificate ? https.createServer({ cert: certificate, key: privateKey }, handle) : http.createServer(handle);
  // Longer than routers keep idle connections, so that it is never us who close one just as a request comes.
  listener.keepAliveTimeout = 120_000;
  return {
    listener,
    announceEnd: () => {
      ending = true;
    },
  };
}

const safety = { "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'" };

function json(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(`${JSON.stringify(value)}\n`);
}

function text(response: http.ServerResponse, status: number, value: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`${value}\n`);
}
