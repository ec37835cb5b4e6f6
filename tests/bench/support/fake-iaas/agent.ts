import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Action } from "../../../../agent/actions/action.ts";
import { asObject, asString } from "../../../../agent/decode.ts";
import type { AgentLog } from "../../../../agent/log.ts";
import { Dispatcher } from "../../../../agent/mbus/dispatcher.ts";
import { TaskQueue } from "../../../../agent/mbus/task-queue.ts";
import { decodeSpec, type SavedSpec } from "../../../../agent/spec.ts";

const silent = { info() {}, warn() {}, error() {} } as unknown as AgentLog;

/**
 * An agent without a VM: the embedded agent's dispatcher and task queue, and actions that only remember. It speaks the whole
 * protocol that an update needs and refuses what a real agent would (blobs it has not got, wrong digests).
 */
export class FakeAgent {
  readonly agentId: string;
  readonly #authorization: string;
  readonly #dispatcher: Dispatcher;
  readonly #blobs = new Map<string, string>();
  #spec: SavedSpec = decodeSpec({});
  #state: "running" | "stopped" = "running";
  #dnsVersion = 0;
  #disks: string[] = [];
  readonly #told: (method: string) => void;

  /** `told` hears of each start, stop and drain; what it throws is the agent's answer. */
  constructor(agentId: string, password: string, told: (method: string) => void) {
    this.agentId = agentId;
    this.#told = told;
    this.#authorization = `Basic ${Buffer.from(`mbus:${password}`).toString("base64")}`;
    const actions = new Map(Object.entries(this.#actions()));
    this.#dispatcher = new Dispatcher({ actions, tasks: new TaskQueue(), taskFile: "/nonexistent", log: silent });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization !== this.#authorization) {
      request.resume();
      return void response.writeHead(401, { "WWW-Authenticate": 'Basic realm=""' }).end();
    }
    const path = request.url ?? "";
    if (path.startsWith("/blobs/") && request.method === "PUT") {
      const hash = createHash("sha256");
      for await (const chunk of request) hash.update(chunk as Buffer);
      this.#blobs.set(decodeURIComponent(path.split("/").at(-1) ?? ""), `sha256:${hash.digest("hex")}`);
      return void response.writeHead(201).end();
    }
    if (path !== "/agent" || request.method !== "POST") {
      request.resume();
      return void response.writeHead(404).end();
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }).end(JSON.stringify(await this.#dispatcher.dispatch(body)));
  }

  #actions(): Record<string, Action> {
    const now = (run: (args: unknown[]) => unknown): Action => ({ async: false, required: 0, run: async (args) => run(args) });
    const task = (run: (args: unknown[]) => unknown): Action => ({ async: true, required: 0, run: async (args) => run(args) });
    return {
      ping: now(() => "pong"),
      get_state: now(() => this.#report()),
      prepare: task(([spec]) => (this.#fetchAll(decodeSpec(spec)), "prepared")),
      apply: task(([spec]) => ((this.#spec = this.#fetchAll(decodeSpec(spec))), "applied")),
      start: now(() => (this.#told("start"), (this.#state = "running"), "started")),
      stop: task(() => (this.#told("stop"), (this.#state = "stopped"), "stopped")),
      drain: task(() => (this.#told("drain"), 0)),
      run_script: task(() => ({})),
      upload_blob: task(([blob]) => this.#upload(asObject(blob, "blob"))),
      sync_dns: now(([id, digest, version]) => this.#syncDns(String(id), String(digest), Number(version))),
      remove_file: now(([file]) => (this.#blobs.delete(String(file).split("/").at(-1) ?? ""), file)),
      add_persistent_disk: task(() => ({})),
      mount_disk: task(([cid]) => (this.#disks.push(String(cid)), {})),
      unmount_disk: task(([cid]) => ((this.#disks = this.#disks.filter((d) => d !== cid)), { message: "Unmounted" })),
      list_disk: task(() => [...this.#disks]),
    };
  }

  #report(): object {
    const jobs = this.#spec.job.templates ?? [];
    const processes = jobs.map(({ name }) => ({ name, state: this.#state === "running" ? "running" : "unknown" }));
    return { ...this.#spec, agent_id: this.agentId, job_state: this.#state, vm: { name: this.agentId }, ...(processes.length > 0 && { processes }) };
  }

  /** A real agent fetches what the spec names and does not have, and drops the archive once it is unpacked. */
  #fetchAll(spec: SavedSpec): SavedSpec {
    const installed = new Set(Object.values(this.#spec.packages).map((p) => p.sha1));
    for (const { name, sha1, blobstore_id } of Object.values(spec.packages)) {
      if (!installed.has(sha1) && !this.#blobs.has(blobstore_id)) throw new Error(`Fetching package ${name}: blob ${blobstore_id} is not there`);
    }
    const archive = spec.rendered_templates_archive;
    if (archive && archive.blobstore_id !== "" && !this.#blobs.delete(archive.blobstore_id)) throw new Error(`Fetching templates: blob ${archive.blobstore_id} is not there`);
    return spec;
  }

  #upload(blob: Record<string, unknown>): string {
    const content = Buffer.from(asString(blob["payload"], "payload"), "base64");
    const sha1 = createHash("sha1").update(content).digest("hex");
    if (asString(blob["checksum"], "checksum") !== sha1) throw new Error("the blob's digest differs");
    const id = asString(blob["blob_id"], "blob_id");
    this.#blobs.set(id, sha1);
    return id;
  }

  #syncDns(id: string, digest: string, version: number): string {
    if (version <= this.#dnsVersion) return "synced";
    if (this.#blobs.get(id) !== digest) throw new Error(`getting ${id} from blobstore: not there`);
    this.#dnsVersion = version;
    return "synced";
  }
}
