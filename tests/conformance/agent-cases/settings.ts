import assert from "node:assert/strict";
import { test } from "node:test";
import { waitForAgent } from "../../../provider/agent/index.ts";
import type { RunningAgent } from "../../support/agent-process.ts";
import { uploadSpec } from "../../support/agent-archives.ts";
import { rpc, run } from "../../support/agent-wire.ts";

export function settingsCases(agent: () => RunningAgent): void {
  test("settings without mbus don't restart the agent", async () => {
    const { pid } = agent();
    assert.deepEqual(await run(agent(), "update_settings", [{ trusted_certs: "", disk_associations: [] }]), { value: "ok" });
    assert.equal(agent().pid, pid);
  });

  test("state survives a killed agent, its tasks don't", async () => {
    const client = agent().client();
    await client.apply(await uploadSpec(client, { jobs: { web: { monit: "" } } }));
    const { value } = await rpc(agent(), "run_script", ["nothing", {}]);
    const id = (value as { agent_task_id: string }).agent_task_id;
    agent().kill();
    await waitForAgent(client);
    assert.equal((await client.getState()).job.templates?.[0]?.name, "web");
    assert.match((await rpc(agent(), "get_task", [id])).exception!.message, /could not be found$/);
  });

  test("a lost task is repeated by the client, an errand is not", async () => {
    const client = agent().client();
    const once = '#!/bin/sh\nif [ -e "$0.seen" ]; then exit 0; fi\ntouch "$0.seen"\nexec sleep 30\n';
    await client.apply(await uploadSpec(client, { jobs: { web: { "bin/pre-start": once, "bin/run": "#!/bin/sh\nexec sleep 30\n" } } }));
    const script = client.runScript("pre-start");
    await new Promise((resolve) => setTimeout(resolve, 700));
    agent().kill();
    await script;
    const errand = client.runErrand("web");
    errand.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 700));
    agent().kill();
    await assert.rejects(errand, (error: Error & { code?: string }) => error.code === "agent.lost-task");
    await waitForAgent(client);
  });

  test("password and certificate are changed in place: the same task answers over the new ones", async () => {
    const old = agent().client();
    const pair = await agent().authority.issue(agent().agentId);
    const successor = agent().client({ password: "n%w:pass@" });
    const mbus = { urls: [agent().mbusUrl("n%w:pass@")], cert: { ca: agent().authority.ca, ...pair } };
    await old.updateSettings({ trusted_certs: "", disk_associations: [], blobstores: blobstores(agent()), mbus }, { successor });
    await successor.ping();
    await assert.rejects(old.ping({ deadline: 3000 }), (error: Error & { code?: string }) => error.code === "agent.unauthorized");
    const { pid } = agent();
    await successor.updateSettings({ trusted_certs: "", disk_associations: [], blobstores: blobstores(agent()), mbus });
    assert.equal(agent().pid, pid, "an equal repeat does not restart");
  });
}

function blobstores(agent: RunningAgent) {
  return [{ provider: "local", options: { blobstore_path: agent.at("data", "blobs") } }];
}
