import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { RepaveError } from "../../director/core/errors.ts";
import {
  type AgentState,
  type ApplySpec,
  type BlobRef,
  type DiskHint,
  type ErrandResult,
  isRunningTask,
  type PackageRef,
  type UpdateSettings,
} from "../../director/protocol/index.ts";
import { agentStateSchema, compiledPackageSchema, errandResultSchema, logsBlobSchema } from "../../director/protocol/schemas.ts";
import { z } from "zod";
import { type BlobSource, putBlob, readBlob, saveBlob } from "./blobs.ts";
import { AgentConnection, type ConnectionOptions } from "./connection.ts";
import { type Deadlines, DEFAULT_DEADLINES } from "./deadlines.ts";
import { agentError, type CallContext } from "./errors.ts";
import { formatTails, tailsOf } from "./log-tails.ts";
import { Mutex } from "./mutex.ts";
import { followRotation } from "./rotation.ts";
import { callNow, callTask, type StepOptions } from "./rpc.ts";
import { checkAnswer, checkSpec, checkUpdateSettings } from "./validate.ts";

export interface AgentClientOptions extends ConnectionOptions {
  /** Names the instance in errors: `router/0`. */
  instance: string;
  /** Ends every call in flight; each call rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds per step; what is left out keeps its default. */
  deadlines?: Partial<Deadlines>;
  /** Networks in the VM's settings; a spec naming another is refused before it is sent. */
  networks?: readonly string[];
  /** Folder of the agent's blobs on the VM; default `/var/vcap/data/blobs`. */
  blobsDir?: string;
}

export type DrainType = "update" | "shutdown";

/** What the Director tells `pre-stop` scripts about the future of VM, instance and deployment. */
export type NextState = "keep" | "delete";

interface CallOptions {
  signal?: AbortSignal;
  /** Milliseconds for this call in all. */
  deadline?: number;
}

type Step = keyof Deadlines;

/**
 * Speaks to one agent, a real bosh-agent or the embedded one, over its HTTPS message bus. Asynchronous actions run one
 * after another, synchronous ones beside them. Errors are RepaveErrors `agent.*` naming instance and step; what the
 * agent itself reports is final, what the network does is retried until the step's deadline.
 *
 * @example
 * const agent = new AgentClient({ instance: "web/0", address: { ip, port: 6868 }, user: "mbus", password, ca, serverName: agentId });
 * await waitForAgent(agent);
 * await agent.apply(spec);
 */
export class AgentClient {
  readonly instance: string;
  readonly #connection: AgentConnection;
  readonly #mutex = new Mutex();
  readonly #deadlines: Deadlines;
  readonly #signal: AbortSignal | undefined;
  readonly #networks: readonly string[] | undefined;
  readonly #blobsDir: string;

  constructor(options: AgentClientOptions) {
    this.instance = options.instance;
    this.#connection = new AgentConnection(options);
    this.#deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
    this.#signal = options.signal;
    this.#networks = options.networks;
    this.#blobsDir = options.blobsDir ?? "/var/vcap/data/blobs";
  }

  /** Closes the kept connections. The agent is not touched. */
  close(): void {
    this.#connection.close();
  }

  async ping(options: CallOptions & { timeout?: number } = {}): Promise<void> {
    const answer = await this.#now("ping", "ping", [], options, options.timeout);
    if (answer !== "pong") throw agentError("agent.protocol", this.#context("ping"), "the answer is not 'pong'");
  }

  async info(options: CallOptions = {}): Promise<{ apiVersion: number }> {
    const schema = z.object({ api_version: z.number() });
    return { apiVersion: checkAnswer(schema, await this.#now("info", "query", [], options), this.#context("info")).api_version };
  }

  /** The applied spec, the job state and the processes; with `full` also the VM's vitals. */
  async getState(options: CallOptions & { full?: boolean } = {}): Promise<AgentState> {
    const answer = await this.#now("get_state", "query", options.full ? ["full"] : [], options);
    return checkAnswer(agentStateSchema, answer, this.#context("get_state"));
  }

  /** Installs what a spec needs without making it current. The templates blob is gone afterwards. */
  async prepare(spec: ApplySpec, options: CallOptions = {}): Promise<void> {
    await this.#task("prepare", "prepare", [checkSpec(spec, this.#context("prepare"), this.#networks)], options);
  }

  /** Makes a spec current; processes must be stopped. The templates blob is gone afterwards. */
  async apply(spec: ApplySpec, options: CallOptions = {}): Promise<void> {
    await this.#task("apply", "apply", [checkSpec(spec, this.#context("apply"), this.#networks)], options);
  }

  /** Asks for the start of every process; returns before they run: see `waitForRunning`. */
  async start(options: CallOptions = {}): Promise<void> {
    await this.#mutex.run(() => this.#now("start", "start", [], options), options.signal);
  }

  /**
   * Waits until every process is stopped. The agent gives up after five minutes, with an `agent.failed` whose text holds
   * `Timed out waiting for services`; the Director goes on after that one.
   */
  async stop(options: CallOptions = {}): Promise<void> {
    await this.#task("stop", "stop", [], options);
  }

  /** Runs the drain scripts; `next` is the spec that comes after, needed for `update`. An abort cancels them. */
  async drain(type: DrainType, next?: ApplySpec, options: CallOptions = {}): Promise<void> {
    const context = this.#context(`drain ${type}`);
    if (type !== "update" && type !== "shutdown") throw agentError("agent.invalid-request", context, `'${String(type)}' is not a drain type`);
    if (type === "update" && next === undefined) throw agentError("agent.invalid-request", context, "a drain for an update needs the next spec");
    const args = next === undefined ? [type, {}] : [type, checkSpec(next, context, this.#networks)];
    await this.#task("drain", "drain", args, options, { label: `drain ${type}` });
  }

  /** Runs `bin/NAME` of every job that has it. A failure carries the last lines of the script's logs. */
  async runScript(name: string, options: CallOptions & { env?: Record<string, string> } = {}): Promise<void> {
    const label = `run_script ${name}`;
    try {
      await this.#task("run_script", "run_script", [name, { env: options.env ?? {} }], options, { label });
    } catch (error) {
      throw await this.#withTails(error, this.#context(label), [`**/${name}.stdout.log`, `**/${name}.stderr.log`], options.signal);
    }
  }

  /** Runs an errand; any exit code is a result. Never repeated by itself. An abort cancels it. */
  async runErrand(job: string, options: CallOptions = {}): Promise<ErrandResult> {
    const label = `run_errand ${job}`;
    const answer = await this.#task("run_errand", "run_errand", [job], options, { label, repeatable: false });
    return checkAnswer(errandResultSchema, answer, this.#context(label));
  }

  /** Compiles a package on a VM without jobs. Sources and dependencies must be blobs of it already. */
  async compilePackage(
    request: { source: BlobRef; name: string; version: string; dependencies: Record<string, PackageRef> },
    options: CallOptions = {},
  ): Promise<BlobRef> {
    const label = `compile_package ${request.name}`;
    const context = this.#context(label);
    if (request.version === "") throw agentError("agent.invalid-request", context, "the version is empty");
    const args = [request.source.blobstore_id, request.source.sha1, request.name, request.version, request.dependencies];
    return checkAnswer(compiledPackageSchema, await this.#task("compile_package", "compile_package", args, options, { label }), context).result;
  }

  async putBlob(id: string, source: BlobSource, options: CallOptions = {}): Promise<void> {
    await putBlob(this.#connection, id, source, this.#transfer(`upload of blob ${id}`, options));
  }

  readBlob(id: string, options: CallOptions = {}): Promise<Buffer> {
    return readBlob(this.#connection, id, this.#transfer(`download of blob ${id}`, options));
  }

  async saveBlob(id: string, file: string, options: CallOptions = {}): Promise<void> {
    await saveBlob(this.#connection, id, file, this.#transfer(`download of blob ${id}`, options));
  }

  /** Sends a blob inside the request: for contents that must not be readable over the message bus afterwards. */
  async uploadSecretBlob(blob: { id: string; content: Buffer; digest: string }, options: CallOptions = {}): Promise<void> {
    const payload = { blob_id: blob.id, checksum: blob.digest, payload: blob.content.toString("base64") };
    await this.#task("upload_blob", "apply", [payload], options);
  }

  /** Removes blobs sent by `putBlob` or made by the agent: nothing else ever does. */
  async removeBlobs(ids: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const id of ids) await this.removeFile(`${this.#blobsDir}/${id}`, options);
  }

  async removeFile(file: string, options: CallOptions = {}): Promise<void> {
    await this.#now("remove_file", "query", [file], options);
  }

  async addPersistentDisk(cid: string, hint: DiskHint, options: CallOptions = {}): Promise<void> {
    await this.#task("add_persistent_disk", "disk", [cid, hint], options);
  }

  async removePersistentDisk(cid: string, options: CallOptions = {}): Promise<void> {
    await this.#task("remove_persistent_disk", "disk", [cid], options);
  }

  async mountDisk(cid: string, options: CallOptions = {}): Promise<void> {
    await this.#task("mount_disk", "disk", [cid], options, { label: `mount_disk ${cid}` });
  }

  async unmountDisk(cid: string, options: CallOptions = {}): Promise<void> {
    await this.#task("unmount_disk", "disk", [cid], options, { label: `unmount_disk ${cid}` });
  }

  /** Copies from the disk mounted first to the one mounted second. Look at `listDisks` before repeating it. */
  async migrateDisk(options: CallOptions = {}): Promise<void> {
    await this.#task("migrate_disk", "migrate_disk", [], options, { repeatable: false });
  }

  /** The cids of the mounted disks. */
  async listDisks(options: CallOptions = {}): Promise<string[]> {
    return checkAnswer(z.array(z.string()), await this.#task("list_disk", "disk", [], options), this.#context("list_disk"));
  }

  /**
   * Sends settings; a changed `mbus` or `blobstores` restarts the agent. When `mbus` changes its password or pair, the
   * result must be awaited by a client with the new ones: pass it as `successor`.
   */
  async updateSettings(settings: UpdateSettings, options: CallOptions & { successor?: AgentClient } = {}): Promise<void> {
    const checked = checkUpdateSettings(settings, this.#context("update_settings"));
    const { successor } = options;
    if (successor === undefined) await this.#task("update_settings", "update_settings", [checked], options);
    else await this.#mutex.run(() => this.#rotate(checked, successor, options), options.signal);
  }

  async #rotate(settings: UpdateSettings, successor: AgentClient, options: CallOptions): Promise<void> {
    const answer = await this.#now("update_settings", "update_settings", [settings], options);
    if (!isRunningTask(answer)) return;
    const step = successor.#step("update_settings", "update_settings", options);
    await followRotation(() => successor.#now("get_task", "query", [answer.agent_task_id], { ...options, deadline: 2000 }, 2000), step);
  }

  /** Gives the agent DNS records; `version` must be the one inside the blob, and greater than its last. */
  async syncDns(blobId: string, digest: string, version: number, options: CallOptions = {}): Promise<void> {
    await this.#now("sync_dns", "sync_dns", [blobId, digest, version], options);
  }

  async deleteArpEntries(ips: readonly string[], options: CallOptions = {}): Promise<void> {
    await this.#now("delete_arp_entries", "query", [{ ips }], options);
  }

  async setUpSsh(user: string, publicKey: string, options: CallOptions = {}): Promise<{ ip: string; hostPublicKey: string }> {
    const schema = z.object({ ip: z.string(), host_public_key: z.string() });
    const answer = checkAnswer(schema, await this.#now("ssh", "query", ["setup", { user, public_key: publicKey }], options), this.#context("ssh setup"));
    return { ip: answer.ip, hostPublicKey: answer.host_public_key };
  }

  async cleanUpSsh(userPattern: string, options: CallOptions = {}): Promise<void> {
    await this.#now("ssh", "query", ["cleanup", { user_regex: userPattern }], options);
  }

  /** Saves a gzip tar of logs; the agent's copy is removed. `types`: `job`, `agent`, `system`. */
  async fetchLogs(types: readonly string[], filters: readonly string[], file: string, options: CallOptions = {}): Promise<void> {
    await this.#logs(types, filters, options, (id) => this.saveBlob(id, file, options));
  }

  /** The last lines of the jobs' log files that match, by path. */
  async logTails(filters: readonly string[], options: CallOptions = {}): Promise<Record<string, string[]>> {
    let tails: Record<string, string[]> = {};
    await this.#logs(["job"], filters, options, async (id) => {
      tails = await tailsOf(await this.readBlob(id, options));
    });
    return tails;
  }

  /** Powers the VM off. The VM may be gone before it has answered. */
  async shutdown(options: CallOptions = {}): Promise<void> {
    await this.ping(options);
    try {
      await callNow(this.#connection, "shutdown", [], { ...this.#step("shutdown", "ping", options), repeatable: false });
    } catch (error) {
      if (!(error instanceof RepaveError) || error.code !== "agent.no-answer") throw error;
    }
  }

  async #logs(types: readonly string[], filters: readonly string[], options: CallOptions, use: (id: string) => Promise<void>): Promise<void> {
    const answer = await this.#task("fetch_logs", "fetch_logs", [types.join(","), filters], options);
    const { blobstore_id } = checkAnswer(logsBlobSchema, answer, this.#context("fetch_logs"));
    try {
      await use(blobstore_id);
    } finally {
      await this.removeBlobs([blobstore_id], options).catch(() => undefined);
    }
  }

  async #withTails(error: unknown, context: CallContext, filters: string[], signal: AbortSignal | undefined): Promise<unknown> {
    if (!(error instanceof RepaveError) || error.code !== "agent.failed") return error;
    const tails = await this.logTails(filters, { signal, deadline: 10_000 }).catch(() => ({}));
    if (Object.keys(tails).length === 0) return error;
    return agentError("agent.script-failed", context, `${String(error.details.exception).replace(/^.*result: /, "")}\n${formatTails(tails)}`, {
      details: { ...error.details, logs: tails },
      cause: error,
    });
  }

  #now(method: string, step: Step, args: unknown[], options: CallOptions, requestTimeoutMs?: number): Promise<unknown> {
    return callNow(this.#connection, method, args, { ...this.#step(method, step, options), repeatable: true, requestTimeoutMs });
  }

  #task(method: string, step: Step, args: unknown[], options: CallOptions, how: { label?: string; repeatable?: boolean } = {}): Promise<unknown> {
    const { label = method, repeatable = true } = how;
    return this.#mutex.run(async () => {
      // A kept connection may be dead; a step that must not be sent twice gets a proven one.
      if (!repeatable) await this.ping(options);
      return callTask(this.#connection, method, args, { ...this.#step(label, step, options), repeatable });
    }, this.#signalOf(options));
  }

  #step(label: string, step: Step, options: CallOptions): Omit<StepOptions, "repeatable"> {
    return { context: this.#context(label), signal: this.#signalOf(options), deadlineMs: options.deadline ?? this.#deadlines[step] };
  }

  #transfer(label: string, options: CallOptions) {
    return { context: this.#context(label), signal: this.#signalOf(options) };
  }

  #signalOf({ signal }: CallOptions): AbortSignal | undefined {
    const both = this.#signal === undefined || signal === undefined ? (signal ?? this.#signal) : AbortSignal.any([this.#signal, signal]);
    // One signal ends the calls of many agents: that is no leak.
    if (both !== undefined) setMaxListeners(0, both);
    return both;
  }

  #context(step: string): CallContext {
    return { instance: this.instance, step };
  }
}

/** A blob id that no other call uses. */
export function newBlobId(): string {
  return randomUUID();
}
