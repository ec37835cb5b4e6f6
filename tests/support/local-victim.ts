// A command that makes, changes and deletes all kinds of objects of a local environment until it is killed.
import { LocalIaas } from "../../provider/local/index.ts";
import { standInAgent, threeAzs } from "./local-environment.ts";

const [stateDir, port] = process.argv.slice(2) as [string, string];
const healthCheck = { port: 6868, path: "/ping", intervalMs: 200, healthyThreshold: 1, unhealthyThreshold: 1 };

async function main(): Promise<void> {
  const iaas = new LocalIaas({ stateDir, environment: "test", agentBundle: standInAgent });
  await iaas.ensureNetwork(threeAzs);
  process.stdout.write("up\n");
  for (let round = 0; ; round++) {
    const made = [1, 2, 3].map(async (n) => {
      const { cid } = await iaas.createVm({ slot: `s${n}`, az: `z${n}`, ip: `10.0.${n}.10`, settings: { agent_id: `a${n}` }, resources: { memoryMiB: 128, cpus: 0.5 } });
      const disk = await iaas.createDisk({ name: `d${n}`, sizeMiB: 8 });
      await iaas.attachDisk(cid, disk.cid);
      await (await iaas.dial(`10.0.${n}.1`, 9).catch(() => undefined))?.destroy();
      return { cid, disk: disk.cid };
    });
    await iaas.createLoadBalancer({ name: "lb", listen: { address: "127.0.0.1", port: Number(port) }, backends: [{ ip: "10.0.1.10", port: 6868 }], healthCheck });
    for (const { cid, disk } of await Promise.all(made)) {
      await iaas.detachDisk(cid, disk);
      if (round % 2 === 0) await iaas.deleteVm(cid);
      else await iaas.deleteDisk(disk);
    }
    if (round % 3 === 2) await iaas.deleteNetwork().then(() => iaas.ensureNetwork(threeAzs));
    await iaas.deleteLoadBalancer("lb");
  }
}

void main();
