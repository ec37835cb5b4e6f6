// The fake IaaS: one process that has every VM of a bench, and answers for each VM's agent. As a program: cloud.ts SOCKET, where
// SOCKET is what the adapter's provider talks to. Prints the port of 127.0.0.1 on which the agents listen; a name (SNI) tells them apart.
import { createServer as createControl, type IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { FakeAgent } from "./agent.ts";

export interface VmRequest {
  slot: string;
  agentId: string;
  password: string;
  certificate: string;
  key: string;
}

export interface VmAnswer {
  cid: string;
  createdAt: string;
  port: number;
}

interface Vm extends VmAnswer {
  slot: string;
  agent: FakeAgent;
  context: tls.SecureContext;
  sockets: Set<Socket>;
}

const [socket, createMs = "0"] = process.argv.slice(2);
const vms = new Map<string, Vm>();
/** What agents were asked for, in order: `start SLOT`, `drain SLOT`, `stop SLOT`. */
const journal: string[] = [];
/** Slots whose jobs don't start. */
let broken: readonly string[] = [];
const byAgent = new Map<string, Vm>();
let made = 0;

const agents = createServer({
  minVersion: "TLSv1.2",
  SNICallback(name, done) {
    const vm = byAgent.get(name);
    if (vm) done(null, vm.context);
    else done(new Error(`no agent ${name}`));
  },
});
agents.keepAliveTimeout = 75_000;
agents.on("secureConnection", (secure: tls.TLSSocket) => {
  const vm = byAgent.get(String(secure.servername));
  if (!vm) return void secure.destroy();
  vm.sockets.add(secure);
  secure.once("close", () => vm.sockets.delete(secure));
});
agents.on("tlsClientError", () => undefined);
agents.on("request", (request, response) => {
  const vm = byAgent.get(String((request.socket as tls.TLSSocket).servername));
  if (!vm) return void request.socket.destroy();
  vm.agent.serve(request, response).catch(() => response.destroy());
});

async function create(request: VmRequest, port: number): Promise<VmAnswer> {
  // As every IaaS of ours: at most one VM in a slot.
  for (const vm of vms.values()) if (vm.slot === request.slot) remove(vm.cid);
  await sleep(Number(createMs));
  const vm: Vm = {
    cid: `vm-${++made}`,
    createdAt: new Date().toISOString(),
    port,
    slot: request.slot,
    agent: new FakeAgent(request.agentId, request.password, (method) => {
      journal.push(`${method} ${request.slot}`);
      if (method === "start" && broken.includes(request.slot)) throw new Error("its jobs are broken");
    }),
    context: tls.createSecureContext({ cert: request.certificate, key: request.key }),
    sockets: new Set(),
  };
  vms.set(vm.cid, vm);
  byAgent.set(request.agentId, vm);
  return { cid: vm.cid, createdAt: vm.createdAt, port };
}

function remove(cid: string): void {
  const vm = vms.get(cid);
  if (!vm) return;
  vms.delete(cid);
  byAgent.delete(vm.agent.agentId);
  for (const open of vm.sockets) open.destroy();
}

async function answer(request: IncomingMessage, port: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === "/journal") return journal.splice(0);
  if (request.url === "/broken") return (broken = JSON.parse(Buffer.concat(chunks).toString()) as string[]);
  const cid = (request.url ?? "").slice("/vms/".length);
  if (request.method === "POST") return create(JSON.parse(Buffer.concat(chunks).toString()) as VmRequest, port);
  if (request.method === "DELETE") return remove(cid), {};
  const running = cid === "" ? [...vms.values()] : [...vms.values()].filter((vm) => vm.cid === cid);
  return running.map((vm) => ({ cid: vm.cid, slot: vm.slot }));
}

agents.listen(0, "127.0.0.1", () => {
  const { port } = agents.address() as AddressInfo;
  const control = createControl((request, response) => {
    answer(request, port).then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  control.listen(socket, () => console.log(port));
});
// Its end is that of the bench that started it.
process.stdin.on("end", () => process.exit(0)).resume();
