import { randomUUID } from "node:crypto";
import { type Bus, openBus } from "./bus.ts";
import { readConfig } from "./config.ts";
import { Slots, desiredState, failedEndpoints } from "./desired.ts";
import { Reconciler } from "./reconcile.ts";
import { readRegisterMessage } from "./register-message.ts";
import { RouteTable } from "./route-table.ts";
import { RuntimeApi } from "./runtime-api.ts";
import { restoreTable, saveTable } from "./saved-table.ts";
import { serveStatus } from "./status-page.ts";

const TICK_MS = 500;
/** Changes that come in a burst reach the proxy together. */
const SETTLE_MS = 15;

const config = readConfig(process.argv[2] ?? "");
const log = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
const table = new RouteTable({ ttl: config.ttl, sharding: config.sharding, segments: config.segments });
const slots = new Slots(config.maxRoutes);
const reconciler = new Reconciler(new RuntimeApi(config.runtimeSocket), config, log);
const counters = { registered: 0, unregistered: 0, rejected: 0, prunedRoutes: 0, prunedEndpoints: 0 };
const rejected = new Set<string>();
const flags = { ready: false, draining: false };
let bus: Bus | undefined;
let unplaced = 0;
let filledAt = Number.POSITIVE_INFINITY;

const greeting = JSON.stringify({
  id: randomUUID(),
  hosts: [config.ip],
  minimumRegisterIntervalInSeconds: config.registerInterval,
  pruneThresholdInSeconds: config.ttl,
});

function follow(subject: string, payload: string, reply: (payload: string) => void): void {
  if (subject === "router.greet") {
    reply(greeting);
    return;
  }
  const message = readRegisterMessage(payload);
  if (typeof message === "string") {
    counters.rejected++;
    // Emitters repeat themselves every few seconds: one line per reason is enough.
    if (!rejected.has(message)) log(`ignoring a ${subject} message: ${message}`);
    rejected.add(message);
    return;
  }
  const added = subject === "router.register";
  counters[added ? "registered" : "unregistered"]++;
  if (added ? table.register(message, Date.now()) : table.unregister(message)) {
    log(`${added ? "registered" : "unregistered"} ${message.endpoint.host}:${message.endpoint.port} for ${message.uris.join(", ")}`);
    changed();
  }
}

let timer: NodeJS.Timeout | undefined;
function changed(): void {
  timer ??= setTimeout(() => {
    timer = undefined;
    void reconcile();
  }, SETTLE_MS);
}

let running: Promise<void> | undefined;
let again = false;
/** One round at a time; what changes during a round is taken up by one more. */
function reconcile(): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = round().finally(() => {
    running = undefined;
    if (!again) return;
    again = false;
    void reconcile();
  });
  return running;
}

let failing = "";
async function round(): Promise<void> {
  try {
    const actual = await reconciler.observe();
    const down = new Set(actual.filter((s) => s.down).map((s) => `${s.pool}/${s.name}`));
    let desired = desiredState(table, slots, down, config);
    const dropped = table.dropFailed(failedEndpoints(desired, down));
    if (dropped.length > 0) {
      counters.prunedEndpoints += dropped.length;
      log(`dropped ${dropped.map((e) => `${e.host}:${e.port}`).join(", ")}: no TLS connection`);
      desired = desiredState(table, slots, down, config);
    }
    if (desired.unplaced.length > unplaced) log(`${desired.unplaced.length} routes found no backend: raise router.max_routes (now ${config.maxRoutes})`);
    unplaced = desired.unplaced.length;
    await reconciler.apply(desired, actual, flags);
    saveTable(config.tableFile, table, desired.assigned);
    failing = "";
  } catch (error) {
    const text = (error as Error).message;
    if (text !== failing) log(`the proxy cannot be updated: ${text}`);
    failing = text;
  }
}

function prune(): void {
  if (config.suspendPruning && !bus?.connected()) return;
  const { routes, endpoints } = table.prune(Date.now());
  counters.prunedRoutes += routes;
  counters.prunedEndpoints += endpoints;
  if (routes + endpoints === 0) return;
  log(`pruned ${endpoints} endpoints and ${routes} routes`);
  changed();
}

function tick(): void {
  if (!flags.ready && !flags.draining && Date.now() >= filledAt) {
    flags.ready = true;
    log(`ready with ${table.pools.size} routes`);
  }
  void reconcile();
}

process.on("SIGUSR1", () => {
  log("draining: health is bad from now on");
  flags.draining = true;
  flags.ready = false;
  void reconcile();
});
process.on("SIGTERM", () => process.exit(0));

const restored = restoreTable(config.tableFile, table, slots);
if (restored > 0) {
  log(`took over ${restored} routes`);
  filledAt = 0;
}
serveStatus(config.status, table, () => ({ ...counters, routes: table.pools.size, unplaced, ready: flags.ready, draining: flags.draining, nats: bus?.connected() ?? false }));
setInterval(tick, TICK_MS);
setInterval(prune, config.pruneInterval * 1000);
bus = await openBus(config.nats, ["router.register", "router.unregister", "router.greet"], {
  message: follow,
  log,
  connected: () => {
    // The callback of the first connection runs before `bus` is assigned.
    queueMicrotask(() => setImmediate(() => bus?.publish("router.start", greeting)));
    if (filledAt === Number.POSITIVE_INFINITY) filledAt = Date.now() + config.startWait * 1000;
  },
});
