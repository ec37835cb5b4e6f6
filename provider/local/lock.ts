import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "./paths.ts";
import { localError } from "./failure.ts";

/**
 * Exclusive right to change one object, over all processes of this machine.
 * The lock is an abstract unix socket: the kernel frees it when its owner dies, so there is no stale lock and no lock file.
 */
export async function withLock<T>(scope: string, what: string, body: () => Promise<T>, deadlineMs = 120_000): Promise<T> {
  const name = `\0repave-${process.getuid!()}-${shortHash(`${scope}\0${what}`, 32)}`;
  const until = Date.now() + deadlineMs;
  for (;;) {
    const held = await take(name);
    if (held !== undefined) {
      try {
        return await body();
      } finally {
        await new Promise<void>((done) => held.close(() => done()));
      }
    }
    if (Date.now() > until) {
      throw localError("busy", "lock", `Another command is still changing ${what}`, { retryable: true, details: { what } });
    }
    await sleep(5 + Math.random() * 20);
  }
}

/** True while some process holds the lock. */
export async function isLocked(scope: string, what: string): Promise<boolean> {
  const held = await take(`\0repave-${process.getuid!()}-${shortHash(`${scope}\0${what}`, 32)}`);
  if (held === undefined) return true;
  await new Promise<void>((done) => held.close(() => done()));
  return false;
}

function take(name: string): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.createServer((connection) => connection.destroy());
    socket.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    socket.listen(name, () => {
      socket.unref();
      resolve(socket);
    });
  });
}
