import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import { type AgentConnection, blobPath, readAll } from "./connection.ts";
import { agentError, type CallContext, TransportError } from "./errors.ts";
import { REQUEST_TIMEOUT_MS } from "./rpc.ts";

const TRIES = 5;

export type BlobSource = Buffer | { file: string };

interface TransferOptions {
  context: CallContext;
  signal: AbortSignal | undefined;
}

export async function putBlob(connection: AgentConnection, id: string, source: BlobSource, options: TransferOptions): Promise<void> {
  const bodyBytes = Buffer.isBuffer(source) ? source.length : (await stat(source.file)).size;
  const body = () => (Buffer.isBuffer(source) ? source : createReadStream(source.file));
  await transfer(connection, { method: "PUT", path: blobPath(id), body, bodyBytes }, options, async (response) => void response.resume());
}

export function readBlob(connection: AgentConnection, id: string, options: TransferOptions): Promise<Buffer> {
  return transfer(connection, { method: "GET", path: blobPath(id) }, options, readAll);
}

/** Writes a blob to a new file, readable for its owner only; an incomplete one is removed. */
export async function saveBlob(connection: AgentConnection, id: string, file: string, options: TransferOptions): Promise<void> {
  try {
    await transfer(connection, { method: "GET", path: blobPath(id) }, options, (response) =>
      pipeline(response, createWriteStream(file, { mode: 0o600 })),
    );
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function transfer<T>(
  connection: AgentConnection,
  request: { method: "PUT" | "GET"; path: string; body?: () => Buffer | Readable; bodyBytes?: number },
  { context, signal }: TransferOptions,
  read: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connection.exchange({ ...request, timeoutMs: REQUEST_TIMEOUT_MS, signal, context }, read);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (attempt >= TRIES) throw agentError("agent.unreachable", context, `the blob could not be moved: ${error.message}`, { cause: error });
      await sleep(100 * 2 ** attempt, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
