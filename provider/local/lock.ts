import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { shortHash } from "./paths.ts";
import { localError } from "./failure.ts";

/**
 * Exclusive right to change one object, over all processes of this machine.
 * The lock is an abstract unix socket: the kernel frees it when its owner dies, so there is no stale lock and no lock file.
 */
export async function withLock<T>(scope: string, what: string, body: () => Promise<T>, deadlineMs = 120_000): Promise<T> {
  const name = nameOf(scope, what);
  const until = Date.now() + deadlineMs;
  for (;;) {
    const held = await take(name);
    if (held !== undefined) {
      try {
        return await body();
      } finally {
        await release(held);
      }
    }
    if (Date.now() > until) {
      throw localError("busy", "lock", `Another command is still changing ${what}`, { retryable: true, details: { what } });
    }
    await sleep(5 + Math.random() * 20);
  }
}

/** Runs the body only when nobody else has the lock. */
export async function tryLock(scope: string, what: string, body: () => Promise<void>): Promise<void> {
  const held = await take(nameOf(scope, what));
  if (held === undefined) return;
  try {
    await body();
  } finally {
    await release(held);
  }
}

/** True while some process holds the lock. */
export async function isLocked(scope: string, what: string): Promise<boolean> {
  let free = false;
  await tryLock(scope, what, () => Promise.resolve(void (free = true)));
  return !free;
}

function nameOf(scope: string, what: string): string {
  return `\0repave-${process.getuid!()}-${shortHash(`${scope}\0${what}`, 32)}`;
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

function release(held: net.Server): Promise<void> {
  return new Promise((done) => held.close(() => done()));
}
