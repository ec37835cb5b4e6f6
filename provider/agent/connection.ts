import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from "node:https";
import net from "node:net";
import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import tls from "node:tls";
import { agentError, type CallContext, isCertificateError, TransportError } from "./errors.ts";

/** Opens the byte stream to an agent; the default is a TCP connection. Rejects if there is no way. */
export type Dial = (ip: string, port: number) => Promise<Duplex>;

export interface ConnectionOptions {
  address: { ip: string; port: number };
  user: string;
  password: string;
  /** PEM of the CAs that may vouch for the agent; several during a CA rotation. */
  ca: string | string[];
  /** The name that the agent's certificate must bear, usually its agent id. Default: the IP. */
  serverName?: string;
  dial?: Dial;
}

export interface Exchange {
  method: "POST" | "PUT" | "GET";
  path: string;
  /** A function, since a retry needs a fresh stream. */
  body?: () => string | Buffer | Readable;
  bodyBytes?: number;
  /** Silence longer than this many milliseconds ends the request. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  context: CallContext;
}

/** HTTPS to one agent: verified certificate, basic auth, connections kept for the next call. */
export class AgentConnection {
  readonly #options: ConnectionOptions;
  readonly #pool: HttpsAgent;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const pool = new HttpsAgent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 2, timeout: 60_000 });
    pool.createConnection = ((_options: unknown, done: (error: Error | null, socket?: Duplex) => void) => {
      this.#connect().then(
        (socket) => done(null, socket),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
      return undefined;
    }) as unknown as typeof pool.createConnection;
    this.#pool = pool;
  }

  close(): void {
    this.#pool.destroy();
  }

  /** Sends one request. Throws TransportError for what may pass, RepaveError for what won't. */
  async exchange<T>(exchange: Exchange, read: (response: IncomingMessage) => Promise<T>): Promise<T> {
    const { context, signal } = exchange;
    signal?.throwIfAborted();
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    let connected = false;
    try {
      const response = await this.#send(exchange, controller.signal, () => (connected = true));
      const status = response.statusCode ?? 0;
      if (status === 401) {
        response.resume();
        throw agentError("agent.unauthorized", context, "the agent refuses the user or password", {
          hint: "its credentials were rotated, or the address belongs to another VM",
        });
      }
      if (status >= 500) {
        throw new TransportError(`HTTP ${status}: ${(await readAll(response)).toString("utf8").slice(0, 500)}`, { maybeReceived: true });
      }
      if (status >= 400) {
        response.resume();
        throw agentError(status === 404 && exchange.method === "GET" ? "agent.blob-missing" : "agent.refused", context, `HTTP ${status}`);
      }
      return await read(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (isCertificateError(error)) {
        throw agentError("agent.certificate", context, `the agent's certificate is not valid for it: ${(error as Error).message}`, {
          hint: "something else answers at its address, or the environment's CA was changed",
          cause: error,
        });
      }
      if (error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("agent.")) throw error;
      if (error instanceof TransportError) throw error;
      throw new TransportError(error instanceof Error ? error.message : String(error), { maybeReceived: connected, cause: error });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #send(exchange: Exchange, signal: AbortSignal, onConnect: () => void): Promise<IncomingMessage> {
    const { address, user, password } = this.#options;
    const body = exchange.body?.();
    const length = exchange.bodyBytes ?? (typeof body === "string" || Buffer.isBuffer(body) ? Buffer.byteLength(body) : undefined);
    const options: RequestOptions = {
      agent: this.#pool,
      host: address.ip,
      port: address.port,
      method: exchange.method,
      path: exchange.path,
      auth: `${user}:${password}`,
      signal,
      timeout: exchange.timeoutMs,
      headers: length === undefined ? {} : { "Content-Length": length },
    };
    return new Promise((resolve, reject) => {
      const request = httpsRequest(options, (response) => {
        response.setTimeout(exchange.timeoutMs, () => response.destroy(new Error(`no data for ${exchange.timeoutMs / 1000} s`)));
        resolve(response);
      });
      // A custom connection counts as made once it is handed to the request: its TLS handshake is done by then.
      request.once("socket", onConnect);
      request.once("timeout", () => request.destroy(new Error(`no answer within ${exchange.timeoutMs / 1000} s`)));
      request.once("error", reject);
      if (body instanceof Readable) pipeline(body, request).catch(reject);
      else request.end(body);
    });
  }

  async #connect(): Promise<Duplex> {
    const { address, ca, dial = dialTcp, serverName } = this.#options;
    const socket = await dial(address.ip, address.port);
    return new Promise((resolve, reject) => {
      const name = serverName ?? address.ip;
      const secure = tls.connect({
        socket,
        ca,
        servername: net.isIP(name) ? undefined : name,
        checkServerIdentity: (_host, cert) => tls.checkServerIdentity(name, cert),
        minVersion: "TLSv1.2",
        ALPNProtocols: ["http/1.1"],
      });
      const limit = setTimeout(() => fail(new Error("the TLS handshake takes too long")), 10_000);
      const fail = (error: Error) => {
        clearTimeout(limit);
        secure.destroy();
        socket.destroy();
        reject(error);
      };
      // The raw stream may fail by itself, before the handshake and long after it.
      socket.on("error", fail);
      secure.once("error", fail);
      secure.once("close", () => fail(new Error("the connection was closed in the TLS handshake")));
      secure.once("secureConnect", () => {
        clearTimeout(limit);
        secure.removeAllListeners("error");
        secure.removeAllListeners("close");
        // A stream that is no socket of the system's own does not end with what is on top of it.
        secure.once("close", () => socket.destroy());
        resolve(secure);
      });
    });
  }
}

function dialTcp(ip: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: ip, port, noDelay: true });
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no connection to ${ip}:${port} within 10 s`)));
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Where a blob lives on the agent's HTTP side. */
export function blobPath(id: string): string {
  return `/blobs/${createHash("sha1").update(id).digest("hex").slice(0, 2)}/${encodeURIComponent(id)}`;
}
