import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "./config.ts";
import { Guestbook } from "./database.ts";
import { Registrar } from "./registrar.ts";
import { createService } from "./service.ts";

const config = readConfig(process.argv[2] ?? "");
const log = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
const guestbook = new Guestbook(config.database, log);
const service = createService(config, guestbook, log);
const registrar = new Registrar(config, log);

/** Leaves without losing a request: first the routers forget us, then what they sent before ends. */
async function drain(): Promise<void> {
  log("draining: leaving the routers");
  await registrar.leave();
  service.announceEnd();
  await pause(config.drainWait * 1000);
  log("closing the listener");
  const closed = new Promise((resolve) => service.listener.close(resolve));
  service.listener.closeIdleConnections();
  const inTime = await Promise.race([closed.then(() => true), pause(config.drainTimeout * 1000, false)]);
  log(inTime ? "drained" : "some requests did not end in time");
  await Promise.race([Promise.allSettled([registrar.close(), guestbook.close()]), pause(2_000)]);
  process.exit(0);
}

process.once("SIGUSR1", () => void drain());
process.on("SIGTERM", () => process.exit(0));
service.listener.listen(config.listen.port, "0.0.0.0", () => {
  log(`listening on port ${config.listen.port}`);
  void registrar.start();
});
