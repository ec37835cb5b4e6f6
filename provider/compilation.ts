import { randomBytes, randomUUID } from "node:crypto";
import { RepaveError } from "../director/core/errors.ts";
import type { CompiledPackageCache, LocalBlobstore, StoredBlob } from "./blobstore/index.ts";
import { openAgent } from "./agents.ts";
import { waitForAgent, type AgentClient } from "./agent/index.ts";
import type { LocalIaas } from "./local/index.ts";
import { compileOn } from "./package-compiler.ts";
import type { PackageSources } from "./package-source.ts";
import type { Operation } from "./resource-kind.ts";
import { compilationSubnet } from "./resources/local-network.ts";
import type { CompiledPackageInputs } from "./resources/compiled-package.ts";
import { generateVariable, signLeaf } from "./variables/index.ts";

const IDLE_MS = 2_000;
const MBUS_PORT = 6868;

interface Compiler {
  index: number;
  cid: string;
  agent: AgentClient;
}

export interface CompilerPoolOptions {
  home: string;
  local(environment: string): LocalIaas;
  now(): Date;
}

export interface CompilationOptions extends CompilerPoolOptions {
  sources: PackageSources;
  blobs: LocalBlobstore;
  compiled: CompiledPackageCache;
}

/** Who waits for a compilation VM: hears how it goes, and may be cancelled. */
type Client = Pick<Operation, "status" | "signal">;

/** Compiles packages on VMs that exist only while there is something to compile. */
export class Compilation {
  readonly #options: CompilationOptions;
  readonly #pools = new Map<string, CompilerPool>();
  readonly #running = new Map<string, Promise<StoredBlob>>();

  constructor(options: CompilationOptions) {
    this.#options = options;
  }

  /** The compiled package: from the index of an earlier run, or compiled now. */
  async compile(wanted: CompiledPackageInputs, operation: Operation): Promise<{ blob: string; digest: string }> {
    if (wanted.comesCompiled) {
      const archive = await this.#options.sources.archive(wanted.location, wanted.package, operation.status);
      return { blob: archive.digest, digest: archive.digest };
    }
    const known = await this.#options.compiled.find(keyOf(wanted));
    if (known) return { blob: known.digest, digest: known.digest };
    // Releases may share a package: it is compiled once, whoever asks first.
    const key = JSON.stringify([wanted.environment, keyOf(wanted)]);
    let running = this.#running.get(key);
    if (!running) {
      running = this.#compileAnew(wanted, operation).finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    } else operation.status(`waiting for ${wanted.package}, which another release needs too`);
    const compiled = await running;
    return { blob: compiled.digest, digest: compiled.digest };
  }

  async #compileAnew(wanted: CompiledPackageInputs, operation: Operation): Promise<StoredBlob> {
    const source = await this.#options.sources.archive(wanted.location, wanted.package, operation.status);
    let pool = this.#pools.get(wanted.environment);
    if (!pool) this.#pools.set(wanted.environment, (pool = new CompilerPool(this.#options, wanted.environment, wanted.compilers)));
    return pool.use(operation, async (compiler) => {
      operation.status(`compiling ${wanted.package} on compiler/${compiler.index}`);
      return this.#compileOn(compiler.agent, wanted, source);
    });
  }

  async #compileOn(agent: AgentClient, wanted: CompiledPackageInputs, source: StoredBlob): Promise<StoredBlob> {
    const dependencies = await Promise.all(
      wanted.dependencies.map(async (d) => {
        const blob = await this.#options.blobs.get(d.blob);
        if (!blob) throw new RepaveError("release.absent-blob", `The compiled package '${d.name}' is not in the blobstore`, { hint: "run the update again: it is compiled anew" });
        return { name: d.name, version: d.fingerprint, file: blob.path, digest: d.digest };
      }),
    );
    const { content, digest } = await compileOn(agent, { name: wanted.package, version: wanted.fingerprint, source, dependencies });
    return this.#options.compiled.add(keyOf(wanted), content, digest);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }
}

function keyOf(wanted: CompiledPackageInputs) {
  return { name: wanted.package, fingerprint: wanted.fingerprint, dependencyKey: wanted.dependencyKey, stemcell: wanted.stemcell };
}

/** At most so many compilation VMs of one environment; an idle one goes after a moment. */
export class CompilerPool {
  readonly #options: CompilerPoolOptions;
  readonly #environment: string;
  readonly #size: number;
  readonly #idle: Compiler[] = [];
  readonly #waiting: ((compiler: Compiler | undefined) => void)[] = [];
  readonly #all = new Map<number, Compiler | undefined>();
  readonly #timers = new Map<Compiler, NodeJS.Timeout>();
  #closed = false;

  constructor(options: CompilerPoolOptions, environment: string, size: number) {
    this.#options = options;
    this.#environment = environment;
    this.#size = size;
  }

  async use<T>(operation: Client, work: (compiler: Compiler) => Promise<T>): Promise<T> {
    const compiler = await this.#take(operation);
    try {
      const result = await work(compiler);
      this.#give(compiler);
      return result;
    } catch (error) {
      await this.#drop(compiler);
      this.#waiting.shift()?.(undefined);
      throw error;
    }
  }

  async #take(operation: Client): Promise<Compiler> {
    operation.status("waiting for a compilation VM");
    for (;;) {
      const idle = this.#idle.pop();
      if (idle) {
        clearTimeout(this.#timers.get(idle));
        return idle;
      }
      if (this.#closed) throw new RepaveError("state.cancelled", "Cancelled while waiting for a compilation VM");
      if (this.#all.size < this.#size) return this.#create(operation);
      const given = await new Promise<Compiler | undefined>((resolve) => this.#waiting.push(resolve));
      if (given) return given;
    }
  }

  #give(compiler: Compiler): void {
    const next = this.#waiting.shift();
    if (next) return next(compiler);
    this.#idle.push(compiler);
    this.#timers.set(compiler, setTimeout(() => void this.#drop(compiler), IDLE_MS));
  }

  async #create(operation: Client): Promise<Compiler> {
    const index = [...Array(this.#size).keys()].find((i) => !this.#all.has(i)) ?? 0;
    this.#all.set(index, undefined);
    try {
      operation.status(`creating compiler/${index}`);
      const compiler = await createCompiler(this.#options, this.#environment, index, operation.signal);
      this.#all.set(index, compiler);
      return compiler;
    } catch (error) {
      this.#all.delete(index);
      throw error;
    }
  }

  async #drop(compiler: Compiler): Promise<void> {
    clearTimeout(this.#timers.get(compiler));
    const at = this.#idle.indexOf(compiler);
    if (at >= 0) this.#idle.splice(at, 1);
    compiler.agent.close();
    await this.#options.local(this.#environment).deleteVm(compiler.cid);
    this.#all.delete(compiler.index);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    await Promise.all([...this.#all.values()].filter((c) => c !== undefined).map((c) => this.#drop(c)));
  }
}

async function createCompiler(options: CompilerPoolOptions, environment: string, index: number, signal: AbortSignal): Promise<Compiler> {
  // Nobody but this process ever speaks to a compilation VM, so its CA lives and dies with the process.
  const now = options.now();
  const ca = (await generateVariable({ definition: { name: "compilation_ca", type: "certificate", options: { is_ca: true, common_name: "compilation", key_length: 2048 } }, now })) as { ca: string; certificate: string; private_key: string };
  const agentId = randomUUID();
  const password = randomBytes(18).toString("base64url");
  const ip = compilationSubnet.gateway.replace(/\d+$/, String(10 + index));
  const certificate = await signLeaf({ ca, commonName: agentId, alternativeNames: [agentId, ip], days: 2, now });
  const vm = await options.local(environment).createVm({
    slot: `compilation-${index}`,
    az: compilationSubnet.az,
    ip,
    labels: { kind: "compilation", owner: String(process.pid) },
    settings: {
      agent_id: agentId,
      vm: { name: `compilation-${index}` },
      mbus: `https://mbus:${password}@${ip}:${MBUS_PORT}`,
      networks: { default: { type: "manual", ip, netmask: "255.255.255.0", gateway: compilationSubnet.gateway, dns: [], default: ["dns", "gateway"], preconfigured: true } },
      disks: { persistent: {} },
      env: { bosh: { mbus: { cert: certificate }, blobstores: [{ provider: "local", options: { blobstore_path: "/var/vcap/data/blobs" } }] } },
    },
  });
  const agent = openAgent(options.home, { via: { kind: "local", environment }, ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }, `compiler/${index}`);
  await waitForAgent(agent, { signal });
  return { index, cid: vm.cid, agent };
}
