import { mkdir, rm } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";
import { startDaemon } from "./daemon.ts";
import { requireHolder } from "./holder.ts";
import { withLock } from "./lock.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { isAlive, killProcess, type ProcessId } from "./process-table.ts";
import { readRecord, writeRecord } from "./record.ts";
import { shortSocketPath } from "./short-socket.ts";

export interface GatewayRecord {
  process: ProcessId;
}

export const gatewayLock = "the gateway";
export const gatewayRecord = (paths: EnvironmentPaths): string => path.join(paths.gateway, "gateway.json");
export const gatewaySocket = (paths: EnvironmentPaths): string => path.join(paths.gateway, "gateway.sock");

/** The way from the host into the environment's network: a unix socket only this user may open. */
export async function ensureGateway(paths: EnvironmentPaths): Promise<void> {
  await withLock(paths.root, gatewayLock, async () => {
    const found = await readRecord<GatewayRecord>(gatewayRecord(paths));
    if (isAlive(found?.process)) return;
    const holder = await requireHolder(paths, "dial");
    await mkdir(paths.gateway, { recursive: true, mode: 0o700 });
    await startDaemon(paths, holder, "dial", {
      program: "gateway-program",
      args: [gatewaySocket(paths)],
      log: paths.log("gateway"),
      record: (id) => writeRecord(gatewayRecord(paths), { process: id } satisfies GatewayRecord),
    });
  });
}

export async function stopGateway(paths: EnvironmentPaths): Promise<void> {
  await killProcess((await readRecord<GatewayRecord>(gatewayRecord(paths)))?.process);
  await rm(paths.gateway, { recursive: true, force: true });
}

/**
 * Opens a TCP connection to an address of the environment. Fails like `net.connect` does: an Error with `code`
 * ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT (after 10 s) or ABORT_ERR.
 */
export async function dial(paths: EnvironmentPaths, ip: string, port: number, signal?: AbortSignal): Promise<Duplex> {
  try {
    return await dialOnce(paths, ip, port, signal);
  } catch (error) {
    if (!(error instanceof NoGateway)) throw error;
    await ensureGateway(paths);
    return dialOnce(paths, ip, port, signal);
  }
}

class NoGateway extends Error {}

function dialOnce(paths: EnvironmentPaths, ip: string, port: number, signal?: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let socketPath: ReturnType<typeof shortSocketPath>;
    try {
      socketPath = shortSocketPath(gatewaySocket(paths));
    } catch (error) {
      reject(new NoGateway("no gateway", { cause: error }));
      return;
    }
    const socket = net.connect({ path: socketPath.path });
    const abort = (): void => fail(Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), { name: "AbortError", code: "ABORT_ERR" }));
    const settle = (): void => {
      signal?.removeEventListener("abort", abort);
      socket.off("error", fail).off("readable", hear).off("end", ended);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on("error", () => undefined).destroy();
      reject(error);
    };
    const ended = (): void => fail(Object.assign(new Error(`connect ECONNRESET ${ip}:${port}`), { code: "ECONNRESET" }));
    let heard = Buffer.alloc(0);
    // by "readable", not "data": what comes after our line must wait for whoever gets the connection, in whatever way they read
    const hear = (): void => {
      heard = Buffer.concat([heard, (socket.read() as Buffer | null) ?? Buffer.alloc(0)]);
      const end = heard.indexOf(10);
      if (end < 0) return;
      const answer = heard.subarray(0, end).toString();
      if (answer !== "OK") {
        const [, code = "EIO", message = answer] = /^ERR (\S+) (.*)$/.exec(answer) ?? [];
        return fail(Object.assign(new Error(message), { code, address: ip, port }));
      }
      settle();
      if (heard.length > end + 1) socket.unshift(heard.subarray(end + 1));
      resolve(socket);
    };
    const unreachable = (error: Error): void => {
      socketPath.close();
      fail(new NoGateway(error.message, { cause: error }));
    };
    socket.once("error", unreachable);
    socket.once("connect", () => {
      socketPath.close();
      socket.off("error", unreachable).on("error", fail).on("readable", hear).on("end", ended);
      socket.write(`CONNECT ${ip} ${port}\n`);
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
