// Measures the local IaaS with the real agent: time from create to the agent's first answer, memory of an idle VM, many VMs.
// As a program: local-vms.ts AGENT_BUNDLE [VMS]. Prints one JSON object per number.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { LocalIaas } from "../../provider/local/index.ts";

const [bundle, count = "100"] = process.argv.slice(2);
const report = (name: string, value: number, unit: string, target?: number): void => console.log(JSON.stringify({ name, value: Math.round(value * 10) / 10, unit, target }));

function makeCertificate(folder: string): { ca: string; certificate: string; private_key: string } {
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "certificate.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=bench"], { stdio: "ignore" });
  const pem = readFileSync(certificate, "utf8");
  return { ca: pem, certificate: pem, private_key: readFileSync(key, "utf8") };
}

/** True once the agent has completed a TLS handshake, which it does only when it is ready to answer. */
async function agentAnswers(iaas: LocalIaas, ip: string): Promise<boolean> {
  try {
    const raw = await iaas.dial(ip, 6868);
    return await new Promise((resolve) => {
      const socket = tls.connect({ socket: raw, rejectUnauthorized: false }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  if (bundle === undefined) throw new Error("usage: local-vms.ts AGENT_BUNDLE [VMS]");
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "repave-bench-"));
  const iaas = new LocalIaas({ stateDir, environment: "bench", agentBundle: bundle });
  const cert = makeCertificate(stateDir);
  const make = async (n: number): Promise<{ cid: string; ms: number }> => {
    const [az, ip] = [`z${(n % 3) + 1}`, `10.0.${(n % 3) + 1}.${10 + n}`];
    const network = { type: "manual", ip, netmask: "255.255.255.0", gateway: `10.0.${(n % 3) + 1}.1`, dns: [], default: ["dns", "gateway"], preconfigured: true };
    const settings = {
      ...{ agent_id: `agent-${n}`, vm: { name: `vm-${n}` }, mbus: "https://mbus:bench@0.0.0.0:6868", ntp: [], networks: { default: network } },
      disks: { system: "", ephemeral: "", persistent: {} },
      env: { bosh: { mbus: { cert }, blobstores: [{ provider: "local", options: { blobstore_path: "/var/vcap/data/blobs" } }] } },
    };
    const began = performance.now();
    const { cid } = await iaas.createVm({ slot: `slot-${n}`, az, ip, settings });
    while (!(await agentAnswers(iaas, ip))) await sleep(20);
    return { cid, ms: performance.now() - began };
  };
  try {
    const began = performance.now();
    await iaas.ensureNetwork({ name: "bench", subnets: [1, 2, 3].map((n) => ({ az: `z${n}`, cidr: `10.0.${n}.0/24`, gateway: `10.0.${n}.1` })) });
    report("network", performance.now() - began, "ms");
    const times: number[] = [];
    for (let n = 0; n < 10; n++) {
      const { cid, ms } = await make(n);
      times.push(ms);
      if (n === 9) {
        await sleep(2000);
        report("idle VM, resident", (await iaas.findVm(cid))!.residentBytes / 1024 / 1024, "MiB", 60);
      }
      const deleting = performance.now();
      await iaas.deleteVm(cid);
      if (n === 9) report("VM delete", performance.now() - deleting, "ms");
    }
    times.sort((a, b) => a - b);
    report("VM create to first agent answer, median", times[5]!, "ms", 1000);
    report("VM create to first agent answer, slowest of 10", times[9]!, "ms", 1000);
    const many = performance.now();
    await Promise.all(Array.from({ length: Number(count) }, (_, n) => make(n)));
    report(`${count} VMs at once, all answering`, (performance.now() - many) / 1000, "s");
    report(`${count} VMs, running`, (await iaas.listVms()).filter((v) => v.state === "running").length, "VMs", Number(count));
  } finally {
    const ending = performance.now();
    await iaas.destroy();
    report("destroy", performance.now() - ending, "ms");
    rmSync(stateDir, { recursive: true, force: true });
  }
}

void main();
