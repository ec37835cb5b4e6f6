import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { before, test } from "node:test";
import type { Operation } from "../../../../provider/resource-kind.ts";
import { agentSettingsKind, type AgentSettingsInputs, type AgentSettingsState } from "../../../../provider/resources/agent-settings.ts";
import { UNKNOWN } from "../../../../provider/rpc/values.ts";
import { generateVariable } from "../../../../provider/variables/index.ts";

const said: string[] = [];
let now = "2026-01-01T00:00:00.000Z";
const operation = { services: { now: () => new Date(now) }, status: (text: string) => void said.push(text) } as unknown as Operation;
let inputs: AgentSettingsInputs;
let made: AgentSettingsState;

before(async () => {
  const definition = { name: "agent_ca", type: "certificate", options: { is_ca: true, common_name: "agents", key_length: 2048 } };
  const ca = (await generateVariable({ definition, now: new Date(now) })) as { certificate: string; private_key: string };
  inputs = agentSettingsKind.schema.parse({
    vmName: "web-1",
    ip: "10.0.0.5",
    via: { kind: "direct" },
    networks: { default: { type: "manual", ip: "10.0.0.5", mac: "fa:16:3e:00:00:01" } },
    disks: { system: "/dev/sda", ephemeral: null },
    env: { bosh: { keep_root_password: true }, token: "hunter2" },
    fingerprint: { image: "image-1", flavor: "small" },
    agentCa: ca,
  });
  made = (await agentSettingsKind.create(inputs, operation)).state;
});

const diff = (news: AgentSettingsInputs, olds = made) => agentSettingsKind.diff(olds, news, inputs, operation) as { changed: string[]; replace: string[] };
const update = (news: AgentSettingsInputs) => agentSettingsKind.update!("web-1", made, news, operation);

test("the settings are what an agent takes at boot, with a certificate of the environment's CA", () => {
  const settings = JSON.parse(made.userData) as Record<string, any>;
  assert.equal(settings.agent_id, made.agentId);
  assert.equal(settings.mbus, `https://mbus:${made.mbusPassword}@0.0.0.0:6868`);
  assert.deepEqual(settings.networks, inputs.networks);
  assert.deepEqual(settings.disks, { system: "/dev/sda", ephemeral: null, persistent: {} });
  assert.equal(settings.env.bosh.keep_root_password, true);
  const { certificate } = settings.env.bosh.mbus.cert as { certificate: string };
  const leaf = new X509Certificate(certificate);
  assert.ok(leaf.checkHost(made.agentId), "its name is the agent's id");
  assert.ok(leaf.checkIssued(new X509Certificate((inputs.agentCa as { certificate: string }).certificate)));
  for (const secret of ["mbusPassword", "userData"] as const) assert.ok(agentSettingsKind.secretOutputs!.includes(secret));
  assert.deepEqual(agentSettingsKind.writeOnly, ["agentCa"], "the CA's key is not in the state");
});

test("equal inputs change nothing", () => {
  assert.deepEqual(diff(inputs), { changed: [], replace: [], deleteBeforeReplace: false });
});

test("whatever makes another VM renews id, password and certificate, and a preview says that they are not known", async () => {
  for (const news of [{ ...inputs, fingerprint: { image: "image-2", flavor: "small" } }, { ...inputs, env: {} }, { ...inputs, disks: { system: "/dev/vda" } }, { ...inputs, repaveBefore: "2026-02-01T00:00:00Z" }]) {
    assert.notDeepEqual(diff(news).changed, []);
    const foreseen = agentSettingsKind.foresee!(news, made);
    assert.deepEqual([foreseen.userData, foreseen.agentId, foreseen.mbusPassword], [UNKNOWN, UNKNOWN, UNKNOWN]);
    const renewed = await update(news);
    for (const key of ["agentId", "mbusPassword", "userData"] as const) assert.notEqual(renewed[key], made[key], key);
  }
});

test("the reason is told part by part, and nothing of the environment's values", () => {
  said.length = 0;
  diff({ ...inputs, fingerprint: { image: "image-2", flavor: "small" } });
  diff({ ...inputs, env: { token: "other" } });
  assert.deepEqual(said, ["new VM: image image-1 → image-2", "new VM: VM environment changed"]);
});

test("a repave that lies before the settings were made is done", async () => {
  const news = { ...inputs, repaveBefore: "2026-02-01T00:00:00Z" };
  now = "2026-02-02T00:00:00.000Z";
  const renewed = await update(news);
  assert.equal(renewed.createdAt, now);
  assert.deepEqual(diff({ ...news }, renewed).changed, []);
  assert.deepEqual(agentSettingsKind.foresee!(news, renewed), {});
});

test("another way to the agent changes no settings", async () => {
  const news = { ...inputs, via: { kind: "local" as const, environment: "e" } };
  assert.deepEqual(diff(news).changed, ["via"]);
  const after = await update(news);
  assert.equal(after.userData, made.userData);
});

test("without the CA's key at hand nothing is signed", async () => {
  await assert.rejects(agentSettingsKind.create({ ...inputs, agentCa: "held:sha256:0" }, operation), /No CA at hand to sign the agent certificate of web-1/);
});
