import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { findEngine } from "../../../../cli/environment/engine-binary.ts";
import { ProcessWatch, type ProcessUse } from "./process-watch.ts";
import { STEMCELL, writeBenchRelease } from "./release.ts";
import { call } from "./vm-kind.ts";

const checkout = path.resolve(__dirname, "..", "..", "..", "..");
const ENVIRONMENT = "bench";

export interface BenchGroup {
  job: string;
  instances: number;
  properties?: object;
  /** Default: all three. */
  azs?: readonly string[];
}

export interface BenchRun {
  code: number;
  text: string;
  seconds: number;
  /** What each process used, by its name. */
  used: ReadonlyMap<string, ProcessUse>;
}

/** A project on the fake IaaS, driven by the compiled command line and the real engine. Always `close` it. */
export class FakePlatform {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "repave-fake-"));
  readonly #socket = path.join(this.folder, "iaas.sock");
  #cloud: ChildProcess | undefined;
  #running: ChildProcess | undefined;

  async start(options: { createMs?: number; packageBytes?: number } = {}): Promise<void> {
    mkdirSync(path.join(this.folder, "home"), { mode: 0o700 });
    mkdirSync(path.join(this.folder, "plugin"));
    symlinkSync(path.join(checkout, "node_modules"), path.join(this.folder, "node_modules"));
    const common = { bundle: true, platform: "node", format: "cjs", target: "node20", logLevel: "warning" } as const;
    const bundle = (name: string, external: string[] = []) => build({ ...common, entryPoints: [path.join(__dirname, `${name}.ts`)], outfile: path.join(this.folder, `${name}.cjs`), external });
    // The adapter shares the program's SDK; the plugin and the cloud are programs of their own.
    await Promise.all([bundle("cloud"), bundle("plugin", ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"]), bundle("adapter", ["@pulumi/pulumi"])]);
    const launcher = path.join(this.folder, "plugin", "pulumi-resource-fakeiaas");
    writeFileSync(launcher, `#!/bin/sh\nexec node "${path.join(this.folder, "plugin.cjs")}" "$@"\n`);
    chmodSync(launcher, 0o755);
    const plugins = [{ name: "repave", path: path.join(checkout, "provider", "plugin") }, { name: "fakeiaas", path: path.join(this.folder, "plugin") }];
    writeFileSync(path.join(this.folder, "Pulumi.yaml"), JSON.stringify({ name: "fakebench", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js", plugins: { providers: plugins } }));
    writeBenchRelease(path.join(this.folder, "bench.tgz"), options.packageBytes ?? 200_000);
    const cloud = spawn(process.execPath, [path.join(this.folder, "cloud.cjs"), this.#socket, String(options.createMs ?? 0)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#cloud = cloud;
    await new Promise<void>((resolve, reject) => {
      cloud.stdout.once("data", () => resolve());
      cloud.once("exit", (code) => reject(new Error(`the fake IaaS ended with ${code}`)));
    });
  }

  /** Writes the program. */
  deploy(groups: readonly BenchGroup[], update: object): void {
    const manifest = {
      name: "dep",
      releases: [{ name: "bench", version: "1", url: path.join(this.folder, "bench.tgz") }],
      stemcells: [{ alias: "default", ...STEMCELL }],
      update: { canaries: 1, max_in_flight: "10%", canary_watch_time: "0-60000", update_watch_time: "0-60000", serial: true, ...update },
      variables: [{ name: "password", type: "password" }],
      instance_groups: groups.map(({ job, instances, properties, azs = ["z1", "z2", "z3"] }) => ({
        name: job,
        instances,
        azs,
        vm_type: "default",
        stemcell: "default",
        networks: [{ name: "default" }],
        jobs: [{ name: job, release: "bench", properties: properties ?? {} }],
      })),
    };
    const text = `const { Deployment, Environment } = require(${JSON.stringify(path.join(checkout, "dist", "components"))});
const { fakeIaas } = require("./adapter.cjs");
module.exports = async () => {
  const environment = new Environment("env", { iaas: fakeIaas(), azs: ["z1", "z2", "z3"].map((name, i) => ({ name, range: "10." + (i + 1) + ".0.0/16" })) });
  const deployment = new Deployment("dep", { environment, manifest: ${JSON.stringify(manifest)} });
  return { instances: deployment.instances };
};
`;
    writeFileSync(path.join(this.folder, "index.js"), text);
  }

  async run(...args: string[]): Promise<BenchRun> {
    const began = performance.now();
    const child = spawn(process.execPath, [path.join(checkout, "dist", "cli", "repave.js"), ...args], {
      cwd: this.folder,
      env: { ...process.env, PATH: `${findEngine(process.env).folder}:${process.env["PATH"] ?? ""}`, REPAVE_HOME: path.join(this.folder, "home"), REPAVE_ENVIRONMENT: ENVIRONMENT, FAKE_IAAS: this.#socket, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running = child;
    const watch = new ProcessWatch(child.pid!);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    const code = await new Promise<number>((resolve) => child.once("close", (status) => resolve(status ?? 1)));
    const used = watch.stop();
    this.#running = undefined;
    return { code, text, seconds: (performance.now() - began) / 1000, used };
  }

  /** VMs that there are. */
  vms(): Promise<{ cid: string; slot: string }[]> {
    return call("GET", "/vms/", undefined, this.#socket);
  }

  /** What agents were asked for since the last call, in order: `start SLOT`, `drain SLOT`, `stop SLOT`. */
  journal(): Promise<string[]> {
    return call("GET", "/journal", undefined, this.#socket);
  }

  /** From now on the jobs in these slots alone don't start. */
  async break(slots: readonly string[]): Promise<void> {
    await call("PUT", "/broken", slots, this.#socket);
  }

  get stateFile(): string {
    return path.join(this.folder, "home", "state", ".pulumi", "stacks", "fakebench", `${ENVIRONMENT}.json`);
  }

  /** Size of the state, in bytes, and what is in it. */
  state(): { bytes: number; resources: { type: string; bytes: number; properties: Record<string, number> }[] } {
    const size = (value: unknown) => JSON.stringify(value ?? null).length;
    const { checkpoint } = JSON.parse(readFileSync(this.stateFile, "utf8")) as { checkpoint: { latest: { resources: { type: string; inputs?: object; outputs?: object }[] } } };
    const resources = checkpoint.latest.resources.map((resource) => {
      const properties = [resource.inputs, resource.outputs].flatMap((p, i) => Object.entries(p ?? {}).map(([k, v]): [string, number] => [`${i === 0 ? "in" : "out"}.${k}`, size(v)]));
      return { type: resource.type, bytes: size(resource), properties: Object.fromEntries(properties) };
    });
    return { bytes: statSync(this.stateFile).size, resources };
  }

  async close(): Promise<void> {
    this.#running?.kill("SIGTERM");
    this.#cloud?.stdin?.end();
    this.#cloud?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
