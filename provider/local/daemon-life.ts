import net from "node:net";

/** Reports that the program is ready and waits for its record to be written; ends the process when its starter died before that. */
export function becomeDaemon(): void {
  const starter = new net.Socket({ fd: 3, readable: true, writable: true });
  let heard = "";
  starter.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
    if (heard.startsWith("commit\n")) starter.destroy();
  });
  starter.on("error", () => undefined);
  starter.on("close", () => {
    if (!heard.startsWith("commit\n")) process.exit(1);
  });
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
  starter.write(`ready ${process.pid}\n`);
}
