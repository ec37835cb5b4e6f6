// Measures the preview of a first update of 400 VMs on each cloud, through the real engine and our stand-in plugins: nothing is made.
// The second finds the templates rendered. As a program: cloud-previews.ts [VMS] [ADAPTER...]
import { findMoto } from "../support/aws/moto.ts";
import { AwsPlatform } from "../support/aws/platform.ts";
import { KubernetesPlatform } from "../support/kubernetes/platform.ts";
import { OpenstackPlatform } from "../support/openstack/platform.ts";
import type { CloudPlatform } from "../support/stand-in/platform.ts";
import { findVcsim } from "../support/vsphere/vcsim.ts";
import { VspherePlatform } from "../support/vsphere/platform.ts";
import { report, skipped } from "./figure.ts";
import { ProcessWatch } from "./support/fake-iaas/process-watch.ts";

const adapters: Record<string, () => CloudPlatform | string> = {
  aws() {
    const moto = findMoto({ install: false });
    return moto.missing ?? new AwsPlatform("preview", moto.python);
  },
  kubernetes: () => new KubernetesPlatform("preview"),
  openstack: () => new OpenstackPlatform("preview"),
  vsphere() {
    const vcsim = findVcsim({ build: false });
    return vcsim.missing ?? new VspherePlatform("preview", vcsim.program);
  },
};

const [count, ...named] = process.argv.slice(2).filter((argument) => argument !== "cloud-previews");
const vms = Number(count ?? 400);
const few = Math.max(1, Math.round(vms / 10));
const groups = [
  { name: "db", instances: few, disk: 1024 },
  { name: "web", instances: few, vm_extensions: ["lb"] },
  { name: "cell", instances: vms - 2 * few },
];

async function measure(adapter: string): Promise<void> {
  const name = `preview of a first update of ${vms} VMs on ${adapter}`;
  const platform = adapters[adapter]!();
  if (typeof platform === "string") return skipped(name, platform);
  try {
    await platform.start();
    platform.deploy(groups, { update: { max_in_flight: "10%" } });
    for (const which of ["first", "second"]) {
      const began = performance.now();
      const running = platform.platform.start(["preview"], { env: platform.env });
      const watch = new ProcessWatch(running.child.pid!);
      const { code, text } = await running.done;
      const used = [...watch.stop()].filter(([part]) => part !== "other");
      if (code !== 0) throw new Error(text);
      const note = used.map(([part, use]) => `${part} ${Math.round(use.cpuSeconds)} s CPU, ${Math.round(use.peakMb)} MB`).join("; ");
      report({ name: `${which} ${name}`, value: (performance.now() - began) / 1000, unit: "s", target: 20, note });
      report({ name: `its largest process on ${adapter}`, value: Math.max(...used.map(([, use]) => use.peakMb)), unit: "MB", target: 1074 });
    }
  } finally {
    await platform.close();
  }
}

async function main(): Promise<void> {
  for (const adapter of named.length > 0 ? named : Object.keys(adapters)) await measure(adapter);
}

void main();
