// A TCP load balancer. Its listening socket (file 4) belongs to the host's network, everything else to the environment's.
import { chmodSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { type Backend, type BalancerConfig, balancerConfigSchema } from "./balancer-config.ts";
import { BalancerPool } from "./balancer-pool.ts";
import { becomeDaemon } from "./daemon-life.ts";
import { shortSocketPath } from "./short-socket.ts";

const [configFile, controlFile] = process.argv.slice(2).map((file) => path.resolve(file)) as [string, string];
/** A dead VM's address answers nothing at all: how long to wait before the next backend's turn. */
const connectMs = 1000;

let config: BalancerConfig = balancerConfigSchema.parse(JSON.parse(readFileSync(configFile, "utf8")));
const pool = new BalancerPool(config.backends, config.healthCheck);

function accept(client: net.Socket): void {
  client.on("error", () => client.destroy());
  client.setNoDelay(true);
  tryNext(client, pool.order());
}

function tryNext(client: net.Socket, [backend, ...others]: Backend[]): void {
  if (client.destroyed) return;
  if (backend === undefined) return void client.resetAndDestroy();
  const target = net.connect({ host: backend.ip, port: backend.port, allowHalfOpen: true, noDelay: true });
  const next = (): void => {
    clearTimeout(late);
    target.removeAllListeners().on("error", () => undefined).destroy();
    client.off("close", next);
    pool.report(backend, false);
    tryNext(client, others);
  };
  const late = setTimeout(next, connectMs);
  const leave = (): void => {
    clearTimeout(late);
    target.removeAllListeners().on("error", () => undefined).destroy();
  };
  target.once("error", next);
  client.once("close", leave);
  target.once("connect", () => {
    clearTimeout(late);
    target.off("error", next);
    client.off("close", leave);
    join(client, target, backend);
  });
}

function join(client: net.Socket, target: net.Socket, backend: Backend): void {
  pool.opened(backend);
  target.once("close", () => {
    pool.closed(backend);
    client.destroySoon();
  });
  target.on("error", () => client.resetAndDestroy());
  client.once("close", () => target.destroySoon());
  client.on("error", () => target.resetAndDestroy());
  client.pipe(target);
  target.pipe(client);
}

function check(backend: Backend): void {
  const { port, path: checkPath, intervalMs } = config.healthCheck;
  let answered = false;
  const report = (good: boolean): void => {
    if (!answered) pool.report(backend, good);
    answered = true;
  };
  const request = http.get(
    // a new connection each time: one that is kept would not notice that nobody new gets in
    { host: backend.ip, port, path: checkPath, agent: false, timeout: Math.min(Math.max(intervalMs, 250), 2000), headers: { "user-agent": "repave-balancer" } },
    (response) => {
      response.resume();
      report(response.statusCode === 200);
    },
  );
  request.once("timeout", () => request.destroy(new Error("no answer in time")));
  request.on("error", () => report(false));
}

let timer: NodeJS.Timeout | undefined;
function checkAll(): void {
  clearInterval(timer);
  const all = (): void => pool.listed().forEach(check);
  all();
  timer = setInterval(all, config.healthCheck.intervalMs);
}

function control(caller: net.Socket): void {
  let heard = "";
  caller.on("error", () => caller.destroy());
  caller.on("data", (chunk: Buffer) => {
    heard += chunk.toString();
    if (!heard.endsWith("\n")) return;
    if (heard === "configure\n") {
      config = balancerConfigSchema.parse(JSON.parse(readFileSync(configFile, "utf8")));
      pool.configure(config.backends, config.healthCheck);
      checkAll();
    }
    caller.end(JSON.stringify(pool.status()));
  });
}

rmSync(controlFile, { force: true });
process.umask(0o177);
const shortPath = shortSocketPath(controlFile);
net.createServer(control).listen(shortPath.path, () => {
  chmodSync(controlFile, 0o600);
  net.createServer({ allowHalfOpen: true }, accept).listen({ fd: 4 }, () => {
    checkAll();
    becomeDaemon();
  });
});
