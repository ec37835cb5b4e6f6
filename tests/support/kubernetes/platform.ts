import { writeFileSync } from "node:fs";
import path from "node:path";
import { CloudPlatform, type CloudProgram } from "../stand-in/platform.ts";
import { FakeKubernetes } from "./fake/index.ts";
import type { Thing } from "./fake/objects.ts";
import { podGuests } from "./guests.ts";

/** Our fake Kubernetes with our stand-in plugin. */
export class KubernetesPlatform extends CloudPlatform {
  readonly cloud: FakeKubernetes;
  /** Limits how long the plugin waits for an object. */
  deadlineMs = 120_000;

  constructor(name: string) {
    super(name, "10.97", { name: "kubernetes", entry: path.join(__dirname, "plugin", "main.ts") });
    this.cloud = new FakeKubernetes(podGuests(this.guests), ["zone-z1", "zone-z2", "zone-z3"]);
  }

  protected async startCloud(): Promise<void> {
    await this.cloud.start();
    writeFileSync(this.#kubeconfig, this.cloud.kubeconfig, { mode: 0o600 });
  }

  protected closeCloud(): Promise<void> {
    return this.cloud.close();
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
