import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { BlobStore } from "../blob-store.ts";
import type { AgentLog } from "../log.ts";
import type { Mbus } from "../settings-store.ts";
import type { Dispatcher } from "./dispatcher.ts";

const PART = "mbus";

/** Listens where the settings say. Rejects if the address or the key pair can't be used. */
export function listen(options: { mbus: Mbus; dispatcher: Dispatcher; blobs: BlobStore; log: AgentLog }): Promise<Server> {
  const { mbus, dispatcher, blobs, log } = options;
  const expected = fingerprint(`${mbus.user}:${mbus.password}`);
  const listener = createServer(
    { cert: mbus.cert.certificate, key: mbus.cert.private_key, minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] },
    (request, response) => {
      serve(request, response).catch((error: unknown) => {
        log.error(PART, `${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    },
  );
  // A blocked call (full task queue) and a slow blob may take as long as they need.
  listener.requestTimeout = 0;
  listener.keepAliveTimeout = 75_000;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "https://agent").pathname;
    const isBlob = path.startsWith("/blobs/");
    if (path !== "/agent" && !isBlob) return end(request, response, 404);
    if (!isAuthorized(request.headers.authorization, expected)) {
      response.setHeader("WWW-Authenticate", 'Basic realm=""');
      return end(request, response, 401);
    }
    if (isBlob) return serveBlob(request, response, path);
    if (request.method !== "POST") return end(request, response, 404);
    // A parser's error would quote the request, and with it secrets.
    const answer = await dispatcher.dispatch(await readBody(request)).catch(() => log.warn(PART, "a request is not JSON of the protocol"));
    if (answer === undefined) return end(request, response, 500);
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(JSON.stringify(answer));
  }

  async function serveBlob(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const id = decodeURIComponent(path).split("/").at(-1) ?? "";
    if (request.method === "PUT") {
      try {
        await blobs.put(id, request);
      } catch (error) {
        return end(request, response, 500, error instanceof Error ? error.message : String(error));
      }
      return end(request, response, 201);
    }
    if (request.method !== "GET" || !(await blobs.send(id, response))) return end(request, response, 404);
  }

  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(mbus.port, mbus.address, () => resolve(listener));
  });
}

function end(request: IncomingMessage, response: ServerResponse, status: number, text = ""): void {
  // An unread body would otherwise keep the connection from being used again.
  request.resume();
  response.writeHead(status, { "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function isAuthorized(header: string | undefined, expected: Buffer): boolean {
  const [scheme, value] = (header ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || value === undefined) return false;
  return timingSafeEqual(fingerprint(Buffer.from(value, "base64").toString("utf8")), expected);
}

function fingerprint(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
