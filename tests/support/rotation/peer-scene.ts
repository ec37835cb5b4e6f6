import assert from "node:assert/strict";
import path from "node:path";
import { TestPlatform } from "../platform/index.ts";
import { runAndKill } from "../platform/kill.ts";
import { addPeerJob } from "./peer-release.ts";

const variables = [
  { name: "tls_ca", type: "certificate", options: { is_ca: true, common_name: "peers", key_length: 2048 } },
  { name: "peer_tls", type: "certificate", options: { ca: "tls_ca", common_name: "peer", key_length: 2048, extended_key_usage: ["client_auth", "server_auth"] } },
  { name: "note_password", type: "password" },
  { name: "bus_password", type: "password" },
  { name: "lonely_ca", type: "certificate", options: { is_ca: true, common_name: "lonely", key_length: 2048 } },
];
const tls = Object.fromEntries(["ca", "certificate", "private_key"].map((part) => [part, `((peer_tls.${part}))`]));
const jobs = [
  { name: "peer", release: "sleeper", properties: { tls } },
  { name: "sleeper", release: "sleeper", properties: { password: "((note_password))", accepted: "((bus_password.accepted))" } },
];
const instances = ["api/0", "api/1", "api/2"];
const config = "/var/vcap/jobs/peer/config";

export interface CredentialRow {
  name: string;
  kind: string;
  created: string;
  expires: string;
  "signed by": string;
  phase: string;
  "used by": string;
}

/** Three instances that speak TLS with each other all the time, and what their credentials are. Always `close` it. */
export class PeerScene {
  readonly platform: TestPlatform;
  /** All that commands have printed, and all that they must not have. */
  readonly printed: string[] = [];
  readonly secrets = new Set<string>();

  constructor(name: string) {
    this.platform = new TestPlatform(name);
  }

  async up(): Promise<void> {
    addPeerJob(path.join(this.platform.folder, "release"));
    this.platform.deploy([{ name: "api", instances: 3, jobs }], { variables });
    await this.succeeds("up");
    await this.remember();
  }

  close(): Promise<void> {
    return this.platform.close();
  }

  async run(...args: string[]) {
    const finished = await this.platform.run(args);
    this.printed.push(finished.text);
    return finished;
  }

  async succeeds(...args: string[]) {
    const finished = await this.run(...args);
    assert.equal(finished.code, 0, finished.text);
    return finished;
  }

  /** Runs a rotation and kills it while the second instance gets what phase 2 brings. */
  async killedInPhase2(...args: string[]): Promise<void> {
    const killed = await runAndKill(this.platform, ["rotate", ...args], { victim: "all", afterMs: 0, from: /phase 2 of 3[\s\S]*api\/1 (pre-start|applying|starting|downloading)/ });
    this.printed.push(killed.text);
    assert.ok(killed.killed, killed.text);
  }

  async credentials(): Promise<CredentialRow[]> {
    return JSON.parse((await this.succeeds("credentials", "--json")).stdout) as CredentialRow[];
  }

  async inVm(instance: string, command: string): Promise<string> {
    const { code, stdout, text } = await this.platform.run(["ssh", instance, "--", "/bin/sh", "-c", command]);
    assert.equal(code, 0, text);
    return stdout;
  }

  leaf(instance: string): Promise<string> {
    return this.inVm(instance, `cat ${config}/certificate.pem`);
  }

  passwords(): Promise<string[]> {
    return Promise.all(instances.map(async (i) => (await this.inVm(i, "cat /var/vcap/jobs/sleeper/config/note")).trim().split(" ")[1]!));
  }

  async accepted(): Promise<string[]> {
    return (await this.inVm("api/0", "cat /var/vcap/jobs/sleeper/config/accepted")).trim().split(" ");
  }

  /** The CAs that the first instance trusts. */
  async bundle(): Promise<string[]> {
    return (await this.inVm("api/0", `cat ${config}/ca.pem`)).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  }

  /** Keeps what must not be printed: passwords, and a line from the middle of each private key. */
  async remember(): Promise<void> {
    for (const password of [...(await this.passwords()), ...(await this.accepted())]) this.secrets.add(password);
    for (const i of instances) this.secrets.add((await this.inVm(i, `cat ${config}/private_key.pem`)).split("\n")[5]!);
  }

  /** Every instance has spoken with every instance since the last update, and no certificate was ever refused. */
  async nobodyRefused(): Promise<void> {
    for (const instance of instances) {
      const lines = (await this.inVm(instance, "cat /var/vcap/sys/log/peer/peer.log")).trim().split("\n");
      assert.deepEqual(lines.filter((l) => l.startsWith("REFUSED")), [], instance);
      const since = lines.slice(lines.lastIndexOf("LISTENING"));
      assert.equal(new Set(since.filter((l) => l.startsWith("OK")).map((l) => l.split(" ")[1])).size, 3, `${instance}: ${since.join("\n")}`);
    }
  }

  /** @param known so many secrets there were at least */
  nothingSecretPrinted(known: number): void {
    assert.ok(this.secrets.size >= known, `${this.secrets.size} secrets are known`);
    for (const text of this.printed) for (const secret of this.secrets) assert.ok(!text.includes(secret), "a secret is in what a command printed");
  }
}
