import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import { localError } from "./failure.ts";
import { allPids, commandLineOf } from "./process-table.ts";

export interface ListeningSocket {
  port: number;
  fd: number;
  close: () => void;
}

/** Opens a listening socket of the host. `anyElse`: a wanted port that is taken is replaced by a free one. */
export async function listenOn(address: string, port: number, anyElse: boolean): Promise<ListeningSocket> {
  try {
    return await open(address, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && anyElse) return open(address, 0);
    if (code === "EADDRINUSE") {
      const owner = ownerOfPort(port);
      throw localError("port-taken", "create_load_balancer", `Port ${port} on ${address} is taken${owner === undefined ? "" : ` by process ${owner.pid} (${owner.name})`}`, {
        details: { port, owner },
        hint: "end that process, or choose another port",
        cause: error,
      });
    }
    if (code === "EACCES") {
      throw localError("port-forbidden", "create_load_balancer", `This user may not listen on port ${port}`, { hint: "choose a port from 1024 on", cause: error });
    }
    throw error;
  }
}

function open(address: string, port: number): Promise<ListeningSocket> {
  return new Promise((resolve, reject) => {
    const socket = net.createServer();
    socket.once("error", reject);
    socket.listen({ host: address, port, exclusive: true }, () => {
      // node has no public name for a listening socket's file number
      const fd = (socket as unknown as { _handle: { fd: number } })._handle.fd;
      resolve({ port: (socket.address() as net.AddressInfo).port, fd, close: () => void socket.close(() => undefined) });
    });
  });
}

/** The process that listens on a TCP port of the host, if this user may see it. */
export function ownerOfPort(port: number): { pid: number; name: string } | undefined {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => listeningInodes(file, port)));
  for (const pid of allPids()) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        if (inode !== undefined && inodes.has(inode)) return { pid, name: (commandLineOf(pid)[0] ?? "").split("/").pop() ?? "" };
      }
    } catch {
      // another user's process, or one that has just ended
    }
  }
  return undefined;
}

function listeningInodes(file: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  try {
    return readFileSync(file, "latin1")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${wanted}`) && fields[3] === "0A")
      .map((fields) => fields[9]!);
  } catch {
    return [];
  }
}
