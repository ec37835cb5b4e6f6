import { writeFileSync } from "node:fs";
import path from "node:path";
import { ApiServer, findApiServer } from "./api-server.ts";
import { CloudPlatform, type CloudProgram } from "../stand-in/platform.ts";
import { FakeKubernetes } from "./fake/index.ts";
import type { Thing } from "./fake/objects.ts";
import { podGuests } from "./guests.ts";
import { judgeBy } from "./judge.ts";

/** Our fake Kubernetes with our stand-in plugin; where a real API server is at hand, that one is asked of every write. */
export class KubernetesPlatform extends CloudPlatform {
  readonly cloud: FakeKubernetes;
  /** Limits how long the plugin waits for an object. */
  deadlineMs = 120_000;
  readonly #apiServer = new ApiServer(path.join(this.platform.folder, "api-server"));

  constructor(name: string) {
    super(name, "10.97", { name: "kubernetes", entry: path.join(__dirname, "plugin", "main.ts") });
    this.cloud = new FakeKubernetes(podGuests(this.guests), ["zone-z1", "zone-z2", "zone-z3"]);
  }

  protected async startCloud(): Promise<void> {
    const programs = findApiServer();
    if (programs) {
      await this.#apiServer.start(programs);
      this.cloud.judge = judgeBy(this.#apiServer);
    }
    await this.cloud.start();
    writeFileSync(this.#kubeconfig, this.cloud.kubeconfig, { mode: 0o600 });
  }

  protected async closeCloud(): Promise<void> {
    await this.cloud.close();
    await this.#apiServer.close();
  }

  get #kubeconfig(): string {
    return path.join(this.platform.folder, "kubeconfig");
  }

  protected get cloudEnvironment(): Record<string, string> {
    return { KUBECONFIG: this.#kubeconfig, FAKE_KUBERNETES_DEADLINE_MS: String(this.deadlineMs) };
  }

  protected program(): CloudProgram {
    return { adapter: "kubernetesIaas", iaas: { stemcells: { local: "registry.example.com/stemcells/local" } }, az: (n) => ({ zone: `zone-z${n + 1}` }), vm: {} };
  }

  /** What a shell command prints in a Pod. */
  async inside(pod: Thing, command: string): Promise<string> {
    return (await this.guests.inVm(pod.metadata.uid, ["/bin/sh", "-c", command])).trim();
  }
}
