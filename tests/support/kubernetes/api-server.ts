import { spawn, type ChildProcess } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../agent-process.ts";
import { Refused, type Thing } from "./fake/objects.ts";

/** Where the programs of a real API server are, as the environment says. */
export function findApiServer(): { server: string; etcd: string } | undefined {
  const [server, etcd] = [process.env["KUBE_APISERVER_BIN"], process.env["ETCD_BIN"]];
  return server && etcd && existsSync(server) && existsSync(etcd) ? { server, etcd } : undefined;
}

const STARTS_WITHIN_MS = 120_000;

/**
 * A real kube-apiserver with its etcd on 127.0.0.1, nothing behind it: it says what Kubernetes takes, and runs nothing. Always `close` it.
 */
export class ApiServer {
  readonly #folder: string;
  readonly #token = randomBytes(16).toString("hex");
  readonly #programs: ChildProcess[] = [];
  #port = 0;

  /** @param folder made anew, and removed at the end; below a test's own, whose leftovers are found */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async start({ server, etcd }: { server: string; etcd: string }): Promise<void> {
    const [port, client, peer] = await Promise.all([freePort(), freePort(), freePort()]);
    this.#port = port!;
    mkdirSync(this.#folder, { mode: 0o700 });
    const at = (name: string) => path.join(this.#folder, name);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
    for (const [name, text] of Object.entries({ "tokens.csv": `${this.#token},judge,judge,system:masters\n`, "accounts.key": privateKey, "accounts.pub": publicKey })) writeFileSync(at(name), text, { mode: 0o600 });
    mkdirSync(at("etcd"), { mode: 0o700 });
    const url = (of: number) => `http://127.0.0.1:${of}`;
    this.#run(etcd, ["--data-dir", at("etcd"), "--listen-client-urls", url(client), "--advertise-client-urls", url(client), "--listen-peer-urls", url(peer), "--initial-advertise-peer-urls", url(peer), "--initial-cluster", `default=${url(peer)}`]);
    const off = ["ServiceAccount", "StorageObjectInUseProtection", "PersistentVolumeClaimResize"];
    const accounts = ["--service-account-issuer", "https://judge.example.com", "--service-account-key-file", at("accounts.pub"), "--service-account-signing-key-file", at("accounts.key")];
    this.#run(server, ["--etcd-servers", url(client), "--bind-address", "127.0.0.1", "--secure-port", String(port), "--cert-dir", at("certificates"), "--token-auth-file", at("tokens.csv"), "--authorization-mode", "AlwaysAllow", "--service-cluster-ip-range", "10.96.0.0/12", "--allow-privileged=true", "--disable-admission-plugins", off.join(), ...accounts]);
    for (const until = Date.now() + STARTS_WITHIN_MS; ; await sleep(250)) {
      if (await this.#call("GET", "/readyz").then(({ status }) => status === 200, () => false)) return;
      if (Date.now() > until || this.#programs.some((program) => program.exitCode !== null)) throw new Error("the API server does not start");
    }
  }

  /** Hands on a write as it came; throws what the server refuses it with. */
  async write(method: string, at: string, body?: string, type = "application/apply-patch+yaml"): Promise<Thing> {
    const { status, text } = await this.#call(method, at, body, type);
    const answer = JSON.parse(text) as Thing & { reason: string; message: string };
    if (status >= 400) throw new Refused(status, answer.reason, answer.message);
    return answer;
  }

  async close(): Promise<void> {
    for (const program of this.#programs.toReversed()) {
      if (program.exitCode !== null || program.signalCode !== null) continue;
      program.kill("SIGKILL");
      await new Promise((resolve) => program.once("exit", resolve));
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #run(program: string, args: string[]): void {
    this.#programs.push(spawn(program, args, { cwd: this.#folder, stdio: "ignore", env: { ...process.env, REPAVE_HOME: this.#folder } }));
  }

  #call(method: string, at: string, body?: string, type?: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      // Its certificate is its own.
      const request = https.request({ host: "127.0.0.1", port: this.#port, method, path: at, rejectUnauthorized: false, headers: { Authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { "Content-Type": type }) } }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.once("error", reject);
      request.end(body);
    });
  }
}
