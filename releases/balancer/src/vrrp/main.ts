import { renameSync, writeFileSync } from "node:fs";
import { readConfig } from "./config.ts";
import { Device } from "./device.ts";
import { type Act, Election } from "./election.ts";
import { Handover } from "./handover.ts";
import { watchHealth } from "./health.ts";
import { readAdvert, writeAdvert } from "./packet.ts";
import { VrrpSocket } from "./sockets.ts";

const TURN_MS = 25;
const HANDOVER_MS = 200;
/** Neighbours may miss one: as many adverts of a new master come with an announcement, and then one in so many. */
const ANNOUNCED_AT_FIRST = 5;
const ANNOUNCED_AFTERWARDS = 30;

const config = readConfig(process.argv[2] ?? "");
const log = (text: string): void => console.log(`${new Date().toISOString()} ${text}`);
const socket = new VrrpSocket(config.address);
const device = new Device(config.address);
const all = config.virtualAddresses.join(", ");
let said = 0;
let leaving = false;
const remove = (): Promise<void> => device.remove(config.virtualAddresses);
const handover = new Handover({ settleMs: HANDOVER_MS, longestMs: config.intervalMs }, () => void remove().catch(failed));

const election = new Election({ address: config.address, priority: config.priority, intervalMs: config.intervalMs }, (act: Act) => {
  if (act === "take") {
    log(`master: taking ${all}`);
    said = 0;
    handover.cancel();
    device.put(config.virtualAddresses).then(announce, failed);
  } else if (act === "give up") {
    log(`giving up ${all}`);
    if (leaving) handover.begin();
    else remove().catch(failed);
  } else if (act === "announce") announce();
  else say(act.say);
});

function say(priority: number): void {
  const advert = { routerId: config.routerId, priority, intervalMs: config.intervalMs, addresses: config.virtualAddresses };
  for (const to of config.peers) socket.send(writeAdvert(advert, { from: config.address, to }), to);
  said++;
  if (said > 1 && (said <= ANNOUNCED_AT_FIRST || said % ANNOUNCED_AFTERWARDS === 0)) announce();
}

function announce(): void {
  if (election.state === "master") device.announce(config.virtualAddresses);
}

/** Without its address nobody is served: the others must know. */
function failed(error: Error): void {
  log(error.message);
  if (election.state === "master") election.leave();
  setTimeout(() => join(), config.intervalMs);
}

let healthy = false;
function join(): void {
  if (healthy && !leaving) election.join(Date.now());
}

let written = "";
function writeState(): void {
  if (election.state === written) return;
  written = election.state;
  log(`is ${written}`);
  writeFileSync(`${config.stateFile}.new`, `${written}\n`);
  renameSync(`${config.stateFile}.new`, config.stateFile);
}

function turn(): void {
  // First what has come, then the clock: after a pause of this VM the others' adverts wait here.
  for (const datagram of socket.received()) {
    const advert = readAdvert(datagram);
    if (advert === undefined || advert.routerId !== config.routerId || !config.peers.includes(advert.from)) continue;
    if (advert.priority > 0) handover.heard();
    election.heard(advert, Date.now());
  }
  election.tick(Date.now());
  writeState();
}

function leave(): void {
  leaving = true;
  election.leave();
  writeState();
}

process.on("SIGUSR1", () => {
  log("draining");
  leave();
});
process.on("SIGTERM", () => {
  leave();
  handover.cancel();
  void remove().finally(() => process.exit(0));
});

// A predecessor that was killed may have left them.
await remove();
writeState();
watchHealth({ port: config.healthPort, intervalMs: Math.min(500, config.intervalMs), after: 2 }, (good) => {
  healthy = good;
  log(good ? "the proxy is healthy" : "the proxy is not healthy");
  if (good) join();
  else election.leave();
});
setInterval(turn, TURN_MS);
log(`on ${device.name} for ${all}, priority ${config.priority}, peers ${config.peers.join(", ") || "none"}`);
