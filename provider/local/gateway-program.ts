// Runs in the environment's network namespace. A caller on the unix socket names an address and gets a connection to it.
import { chmodSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { becomeDaemon } from "./daemon-life.ts";
import { shortSocketPath } from "./short-socket.ts";

const connectMs = 10_000;
const longestRequest = 100;

function serve(client: net.Socket): void {
  client.on("error", () => client.destroy());
  let heard = Buffer.alloc(0);
  const listen = (chunk: Buffer): void => {
    heard = Buffer.concat([heard, chunk]);
    const end = heard.indexOf(10);
    if (end < 0 && heard.length < longestRequest) return;
    client.off("data", listen);
    client.pause();
    const match = /^CONNECT ([0-9.]+) (\d+)$/.exec(heard.subarray(0, Math.max(end, 0)).toString("latin1"));
    if (match === null) client.end("ERR EPROTO expected: CONNECT address port\n");
    else forward(client, match[1]!, Number(match[2]), heard.subarray(end + 1));
  };
  client.on("data", listen);
}

function forward(client: net.Socket, host: string, port: number, early: Buffer): void {
  const target = net.connect({ host, port, allowHalfOpen: true, noDelay: true });
  const tooLong = setTimeout(() => target.destroy(Object.assign(new Error(`connect ETIMEDOUT ${host}:${port}`), { code: "ETIMEDOUT" })), connectMs);
  let open = false;
  target.once("connect", () => {
    open = true;
    clearTimeout(tooLong);
    client.write("OK\n");
    if (early.length > 0) target.write(early);
    client.pipe(target);
    target.pipe(client);
  });
  target.on("error", (error: NodeJS.ErrnoException) => {
    clearTimeout(tooLong);
    if (open) client.destroy();
    else client.end(`ERR ${error.code ?? "EIO"} ${error.message.replaceAll("\n", " ")}\n`);
  });
  client.once("close", () => {
    clearTimeout(tooLong);
    target.destroy();
  });
  target.once("close", () => client.destroySoon());
}

const file = path.resolve(process.argv[2]!);
rmSync(file, { force: true });
const socket = shortSocketPath(file);
process.umask(0o177);
net.createServer({ allowHalfOpen: true }, serve).listen(socket.path, () => {
  chmodSync(file, 0o600);
  becomeDaemon();
});
