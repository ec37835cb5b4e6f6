import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { AgentClient, waitForAgent, waitForRunning } from "../../provider/agent/index.ts";
import { LocalIaas } from "../../provider/local/index.ts";
import { sha, uploadSpec } from "../support/agent-archives.ts";
import { makeAuthority } from "../support/agent-certificates.ts";
import { embeddedAgent } from "../support/agent-process.ts";
import { eventually, localTest } from "../support/local-environment.ts";

const IP = "10.0.1.10";
const AGENT_ID = "3b7f5c1e-agent";
const PASSWORD = "first/pass word";

localTest("a local VM's agent: boot, jobs as vcap, disks, DNS, rotation, power-off, renewal", async (t) => {
  const built = await embeddedAgent();
  const stateDir = mkdtempSync(path.join(os.tmpdir(), "repave-local-"));
  chmodSync(stateDir, 0o700);
  const iaas = new LocalIaas({ stateDir, environment: "agent", agentBundle: built.bundle });
  t.after(async () => {
    await iaas.destroy();
    rmSync(stateDir, { recursive: true, force: true });
    built.remove();
  });
  const authority = await makeAuthority();
  const pair = await authority.issue(AGENT_ID);
  const network = { type: "manual", ip: IP, netmask: "255.255.255.0", gateway: "10.0.1.1", dns: [], default: ["dns", "gateway"] };
  const mbus = (password: string) => `https://mbus:${encodeURIComponent(password)}@0.0.0.0:6868`;
  const blobstores = [{ provider: "local", options: { blobstore_path: "/var/vcap/data/blobs" } }];
  const settings = {
    agent_id: AGENT_ID,
    vm: { name: "vm-1" },
    mbus: mbus(PASSWORD),
    networks: { default: network },
    disks: { persistent: {} },
    env: { bosh: { mbus: { cert: { ca: authority.ca, ...pair } }, blobstores } },
  };
  const connect = (password = PASSWORD) => {
    const client = new AgentClient({
      instance: "db/0",
      address: { ip: IP, port: 6868 },
      user: "mbus",
      password,
      ca: authority.ca,
      serverName: AGENT_ID,
      dial: (ip, port) => iaas.dial(ip, port),
    });
    t.after(() => client.close());
    return client;
  };

  await iaas.ensureNetwork({ name: "default", subnets: [{ az: "z1", cidr: "10.0.1.0/24", gateway: "10.0.1.1" }] });
  const vmSpec = { slot: "db", az: "z1", ip: IP, settings };
  const { cid: vm } = await iaas.createVm(vmSpec);
  const client = connect();
  await waitForAgent(client, { deadline: 30_000 });

  const { cid: disk } = await iaas.createDisk({ name: "db/0", sizeMiB: 64 });
  await client.addPersistentDisk(disk, await iaas.attachDisk(vm, disk));
  await client.mountDisk(disk);
  assert.deepEqual(await client.listDisks(), [disk]);

  const pidfile = "/var/vcap/sys/run/db/db.pid";
  const jobs = {
    db: {
      monit: `check process db with pidfile ${pidfile}\n  start program "/var/vcap/jobs/db/bin/ctl start"\n  stop program "/var/vcap/jobs/db/bin/ctl stop"\n  group vcap\n`,
      "bin/ctl": `#!/bin/bash
if [ "$1" = stop ]; then kill "$(cat ${pidfile})"; exit; fi
chown vcap:vcap /var/vcap/sys/run/db
/var/vcap/bosh/bin/as-vcap /bin/bash -c 'exec sleep 1000' >/dev/null 2>&1 </dev/null &
echo $! > ${pidfile}
`,
      "bin/pre-start": "#!/bin/bash\necho row > /var/vcap/store/rows\n",
      "bin/run": "#!/bin/bash\ncat /var/vcap/store/rows; getent hosts web-0.example; mountpoint -q /var/vcap/store && echo mounted; ls -l /var/vcap/jobs/db/ | wc -l\n",
    },
  };
  const networks = { default: network };
  const deploy = async (agent: AgentClient) => {
    await agent.apply(await uploadSpec(agent, { jobs, spec: { networks } }));
    await agent.runScript("pre-start");
    await agent.start();
    await waitForRunning(agent, { min: 0, max: 9000 });
  };
  await deploy(client);

  const records = JSON.stringify({ version: 5, records: [["10.0.1.99", "web-0.example"]], record_keys: [], record_infos: [], aliases: {} });
  await client.putBlob("dns-5", Buffer.from(records));
  await client.syncDns("dns-5", `sha256:${sha("sha256", records)}`, 5);
  await client.removeBlobs(["dns-5"]);
  await assert.rejects(client.readBlob("dns-5"), (error: Error & { code?: string }) => error.code === "agent.blob-missing");
  const { stdout, stderr, exit_code } = await client.runErrand("db");
  assert.deepEqual([exit_code, stderr], [0, ""]);
  assert.match(stdout, /^row\n10\.0\.1\.99\s+web-0\.example\nmounted\n/);

  const successor = connect("second:pass");
  const before = (await client.getState()).processes;
  const renewed = await authority.issue(AGENT_ID);
  await client.updateSettings(
    { trusted_certs: "", disk_associations: [], blobstores, mbus: { urls: [mbus("second:pass")], cert: { ca: authority.ca, ...renewed } } },
    { successor },
  );
  const after = await successor.getState();
  assert.equal(after.job_state, "running");
  assert.equal(before?.[0]?.name, after.processes?.[0]?.name);
  assert.ok((after.processes?.[0]?.uptime?.secs ?? 0) >= 1, "the job's process was not touched");

  const used = successor.getState({ full: true });
  assert.ok(Number((await used).vitals?.uptime?.secs) < 120, "the VM's uptime is not the host's");
  await successor.drain("shutdown");
  await successor.stop();
  await successor.unmountDisk(disk);
  await successor.removePersistentDisk(disk);
  await iaas.detachDisk(vm, disk);
  await successor.shutdown();
  await eventually("the VM is off", async () => !(await iaas.findVm(vm))?.pid);

  const { cid: next } = await iaas.createVm(vmSpec);
  const fresh = connect();
  await waitForAgent(fresh, { deadline: 30_000 });
  await fresh.addPersistentDisk(disk, await iaas.attachDisk(next, disk));
  await fresh.mountDisk(disk);
  await deploy(fresh);
  assert.match((await fresh.runErrand("db")).stdout, /^row\n/);
  const printed = readFileSync(iaas.consoleLog("db"), "utf8");
  for (const word of [PASSWORD, encodeURIComponent(PASSWORD), "PRIVATE KEY"]) assert.equal(printed.includes(word), false);

  // as whoever removes a state folder by hand does; the disk keeps its folder
  rmSync(path.join(iaas.folder, "vms", next, "fs"), { recursive: true, force: true });
  await eventually("a VM without files is off", async () => !(await iaas.findVm(next))?.pid, 30_000);
});
