import { mkdir, readdir, rm } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { z } from "zod";
import { type BackendStatus, type BalancerConfig, balancerConfigSchema } from "./balancer-config.ts";
import { startDaemon } from "./daemon.ts";
import { localError } from "./failure.ts";
import { requireHolder } from "./holder.ts";
import { withLock } from "./lock.ts";
import { type EnvironmentPaths, shortHash, slug } from "./paths.ts";
import { listenOn } from "./port.ts";
import { endsWithin, isAlive, killProcess, type ProcessId } from "./process-table.ts";
import { readRecord, writeRecord } from "./record.ts";
import { shortSocketPath } from "./short-socket.ts";

export interface LoadBalancerSpec extends BalancerConfig {
  name: string;
  /** Port 0 takes a free port once and keeps it. */
  listen: { address: "127.0.0.1"; port: number };
}

export interface LoadBalancerInfo {
  name: string;
  port: number;
  backends: BackendStatus[];
}

export interface BalancerRecord {
  name: string;
  port: number;
  process?: ProcessId;
}

export function balancerFolder(paths: EnvironmentPaths, name: string): string {
  return path.join(paths.balancers, `${slug(name, 40)}-${shortHash(name, 8)}`);
}

export const balancerLock = (folder: string): string => `load balancer ${path.basename(folder)}`;
export const balancerSocket = (folder: string): string => path.join(folder, "control.sock");
const recordIn = (folder: string): string => path.join(folder, "balancer.json");
const configIn = (folder: string): string => path.join(folder, "config.json");

function checkConfig(name: string, config: BalancerConfig): BalancerConfig {
  const parsed = balancerConfigSchema.safeParse(config);
  if (!parsed.success) throw localError("bad-balancer", "create_load_balancer", `Load balancer '${name}': ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Starts the load balancer, or changes the one of this name that runs. After its process died it comes back on its old port. */
export function createLoadBalancer(paths: EnvironmentPaths, spec: LoadBalancerSpec): Promise<LoadBalancerInfo> {
  const config = checkConfig(spec.name, spec);
  const folder = balancerFolder(paths, spec.name);
  return withLock(paths.root, balancerLock(folder), async () => {
    const known = await readRecord<BalancerRecord>(recordIn(folder));
    const samePort = spec.listen.port === 0 || spec.listen.port === known?.port;
    if (known !== undefined && samePort && isAlive(known.process)) return configure(folder, known, config);
    await killProcess(known?.process);
    const holder = await requireHolder(paths, "create_load_balancer");
    // the port first: when it is taken, nothing has been made yet
    const socket = await listenOn(spec.listen.address, spec.listen.port || known?.port || 0, spec.listen.port === 0);
    const record: BalancerRecord = { name: spec.name, port: socket.port };
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeRecord(configIn(folder), config);
      await writeRecord(recordIn(folder), record);
      const started = startDaemon(paths, holder, "create_load_balancer", {
        program: "balancer-program",
        args: [configIn(folder), balancerSocket(folder)],
        log: paths.log(`balancer-${spec.name}`),
        files: [socket.fd],
        record: (id) => writeRecord(recordIn(folder), { ...record, process: id }),
      });
      // the program has the socket by now; while we hold it too, we would take connections away from it
      socket.close();
      await started;
    } catch (error) {
      socket.close();
      throw error;
    }
    return { name: spec.name, port: record.port, backends: await ask(folder, "status") };
  });
}

/** Gives a running load balancer other backends or checks. Connections that are open stay. */
export function updateLoadBalancer(paths: EnvironmentPaths, name: string, config: BalancerConfig): Promise<LoadBalancerInfo> {
  const folder = balancerFolder(paths, name);
  const checked = checkConfig(name, config);
  return withLock(paths.root, balancerLock(folder), async () => {
    const known = await readRecord<BalancerRecord>(recordIn(folder));
    if (known === undefined || !isAlive(known.process)) {
      throw localError("no-balancer", "update_load_balancer", `Load balancer '${name}' does not run`, { hint: "refresh the state, then run the same command again" });
    }
    return configure(folder, known, checked);
  });
}

export async function deleteLoadBalancer(paths: EnvironmentPaths, name: string): Promise<void> {
  const folder = balancerFolder(paths, name);
  await withLock(paths.root, balancerLock(folder), async () => {
    await killProcess((await readRecord<BalancerRecord>(recordIn(folder)))?.process);
    await rm(folder, { recursive: true, force: true });
  });
}

/** The load balancer with its backends' health, or undefined when it does not run. */
export async function findLoadBalancer(paths: EnvironmentPaths, name: string): Promise<LoadBalancerInfo | undefined> {
  const folder = balancerFolder(paths, name);
  const record = await readRecord<BalancerRecord>(recordIn(folder));
  if (record === undefined || !isAlive(record.process)) return undefined;
  try {
    return { name, port: record.port, backends: await ask(folder, "status") };
  } catch (error) {
    // one that is ending closes its socket before the kernel says that it has ended
    if (await endsWithin(record.process, 2000)) return undefined;
    throw error;
  }
}

export async function balancerRecords(paths: EnvironmentPaths): Promise<{ folder: string; record: BalancerRecord | undefined }[]> {
  const folders = (await readdir(paths.balancers).catch(() => [])).map((name) => path.join(paths.balancers, name));
  return Promise.all(folders.map(async (folder) => ({ folder, record: await readRecord<BalancerRecord>(recordIn(folder)) })));
}

async function configure(folder: string, record: BalancerRecord, config: BalancerConfig): Promise<LoadBalancerInfo> {
  await writeRecord(configIn(folder), config);
  return { name: record.name, port: record.port, backends: await ask(folder, "configure") };
}

function ask(folder: string, what: "status" | "configure"): Promise<BackendStatus[]> {
  return new Promise((resolve, reject) => {
    const control = shortSocketPath(balancerSocket(folder));
    const socket = net.connect({ path: control.path });
    let heard = "";
    socket.setTimeout(5000, () => socket.destroy(new Error("no answer within 5 s")));
    socket.once("connect", () => socket.write(`${what}\n`));
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    socket.once("error", (error) => reject(localError("balancer-silent", "find_load_balancer", `Load balancer does not answer: ${error.message}`, { cause: error, retryable: true })));
    socket.once("close", () => {
      control.close();
      try {
        resolve(JSON.parse(heard) as BackendStatus[]);
      } catch (error) {
        reject(localError("balancer-silent", "find_load_balancer", "Load balancer gave no answer", { cause: error, retryable: true }));
      }
    });
  });
}
