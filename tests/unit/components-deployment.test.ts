import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import test from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { readManifestText } from "../../components/index.ts";
import { isSecret, type RecordedRun } from "../support/recorded-program.ts";
import { documents, runShop, shopManifest, typedCloud } from "../support/component-scene.ts";

const vars = { domain: "example.com" };
const byName = ({ registrations }: RecordedRun) => registrations.map((r) => [r.type, r.name, r.parent, r.dependsOn, r.sent] as const).sort((a, b) => (a[0] + a[1] < b[0] + b[1] ? -1 : 1));

test("a manifest as object, as text and as file is the same deployment", async (t) => {
  const at = documents(t, { "m.yml": shopManifest });
  const [object, text, file] = [
    await runShop({ manifest: readManifestText(shopManifest), vars }),
    await runShop({ manifest: shopManifest, vars }),
    await runShop({ manifest: { file: at("m.yml") }, vars }),
  ];
  assert.deepEqual(object.errors, []);
  assert.equal(object.instances.length, 4);
  assert.deepEqual(byName(object), byName(text));
  assert.deepEqual(byName(object), byName(file));
});

test("a relative path starts where Pulumi.yaml is", async (t) => {
  const at = documents(t, { "Pulumi.yaml": "name: p\n", "m.yml": shopManifest });
  const [here, below] = [process.cwd(), at("below")];
  mkdirSync(below);
  process.chdir(below);
  t.after(() => process.chdir(here));
  assert.equal((await runShop({ manifest: { file: "m.yml" }, vars })).instances.length, 4);
});

test("a cloud config and typed values make the same environment", async (t) => {
  const cloudConfig = `azs: [{ name: z1 }, { name: z2 }]
vm_types: [{ name: default }]
vm_extensions: []
disk_types: [{ name: default, disk_size: 1024 }]
networks:
- name: default
  type: manual
  subnets:
  - { range: ((prefix)).1.0.0/24, gateway: 10.1.0.1, az: z1, dns: [], reserved: [] }
  - { range: 10.2.0.0/24, gateway: 10.2.0.1, az: z2, dns: [], reserved: [] }
compilation: { workers: 2, network: default, az: z1, vm_type: default, reuse_compilation_vms: true }
`;
  const at = documents(t, { "c.yml": cloudConfig });
  const typed = await runShop({ manifest: shopManifest, vars }, typedCloud);
  assert.deepEqual(byName(typed), byName(await runShop({ manifest: shopManifest, vars }, { cloudConfig: { file: at("c.yml") }, vars: { prefix: 10 } })));
  const [networks, rest] = [cloudConfig.slice(cloudConfig.indexOf("networks:")), cloudConfig.slice(0, cloudConfig.indexOf("networks:"))];
  assert.deepEqual(byName(typed), byName(await runShop({ manifest: shopManifest, vars }, { cloudConfig: [rest, networks], vars: { prefix: 10 } })));
  await assert.rejects(runShop({ manifest: shopManifest, vars }, { cloudConfig: { file: at("c.yml") }, vars: { prefix: "ten" } }), /c\.yml:\d+ at \/networks\/name=default\/subnets/);
  await assert.rejects(runShop({ manifest: shopManifest, vars }, { cloudConfig: cloudConfig.replace("az: z1, dns", "azs: [z1, z2], dns").replace("((prefix))", "10") }), /spans the AZs z1, z2.*AZ 'z2' has|spans the AZs z1, z2/);
});

test("names come from ids, parents from groups; waves are edges, and new VMs have none", async () => {
  const { of, get, instances, registrations } = await runShop({ manifest: shopManifest, vars });
  assert.deepEqual(instances.map((i) => i.instance).sort(), ["db/0", "web/0", "web/1", "web/2"]);
  assert.ok(of("Instance").every((r) => /^shop\.(db|web)\.[0-9a-f-]{36}$/.test(r.name)));
  const web = of("Instance").filter((r) => r.parent === "InstanceGroup shop.web");
  const db = of("Instance").filter((r) => r.parent === "InstanceGroup shop.db");
  assert.deepEqual([web.length, db.length], [3, 1]);
  assert.equal(get("InstanceGroup", "shop.web").parent, "Deployment shop");
  const edges = (r: { dependsOn: string[] }) => r.dependsOn.filter((name) => name.startsWith("Instance "));
  const [canary, second, last] = web;
  assert.deepEqual(edges(db[0]!), []);
  assert.deepEqual(edges(canary!), [`Instance ${db[0]!.name}`]);
  assert.deepEqual(edges(second!), [`Instance ${canary!.name}`]);
  assert.deepEqual(edges(last!), [`Instance ${second!.name}`]);
  assert.deepEqual(web.map((r) => r.sent["az"]), ["z1", "z1", "z2"], "AZ by AZ, although two could be in flight");
  assert.deepEqual(web.map((r) => r.sent["canary"]), [true, false, false]);
  assert.ok(of("LocalVm").every((r) => edges(r).length === 0));
  // a property that forces a replacement would delete every VM behind it first
  assert.ok(of("LocalVm").every((r) => Object.values(r.cameFrom).flat().every((from) => !from.startsWith("LocalVm ") && !from.startsWith("Instance "))));
  assert.ok(registrations.every((r) => !/check|look/.test(r.name)), "an errand has no VM");
});

test("secrets are sent as secrets, and only digests of rendered content", async () => {
  const { of, rendered } = await runShop({ manifest: shopManifest, vars });
  assert.ok(of("Instance").every((r) => isSecret(r.sent["access"])));
  assert.ok(of("Instance").every((r) => typeof r.sent["configurationHash"] === "string"));
  const planted = "secret of shop.db_password";
  assert.ok(JSON.stringify([...rendered.values()]).includes(planted));
  assert.doesNotMatch(JSON.stringify(of("Instance").map((r) => r.sent)), new RegExp(planted));
});

test("a link of one group's job reaches the other's, with its addresses and properties", async () => {
  const { rendered, instances } = await runShop({ manifest: shopManifest, vars });
  const page = [...rendered].find(([name]) => name.startsWith("web/"))![1].jobs[0]!;
  const link = page.links["db"] as { properties: { password: string }; instances: { address: string }[] };
  assert.deepEqual(link.properties, { password: "secret of shop.db_password" });
  assert.deepEqual(link.instances.map((i) => i.address), [instances[0]!.ip]);
});

test("a CA stands before what it signs, wherever the manifest defines it", async () => {
  const { get } = await runShop({ manifest: shopManifest, vars });
  assert.deepEqual(get("Certificate", "shop.db_tls").cameFrom["ca"], ["Certificate shop.db_ca"]);
  const circle = `- {type: replace, path: /variables/name=db_ca/options, value: {ca: db_tls, is_ca: true, common_name: x}}`;
  assert.match((await runShop({ manifest: shopManifest, vars, opsFiles: [circle] })).errors.join(), /'db_tls'.* signed by what it signs itself/);
});

test("ops files as file, text and objects apply in order; vars win over vars files", async (t) => {
  const at = documents(t, { "ops.yml": "- {type: replace, path: /instance_groups/name=web/instances, value: ((count))}\n", "vars.yml": "count: 5\ndomain: file.example.com\n" });
  const { instances, rendered } = await runShop({
    manifest: shopManifest,
    opsFiles: [{ file: at("ops.yml") }, "- {type: remove, path: /instance_groups/name=check}", { type: "replace", path: "/instance_groups/name=db/azs", value: ["z2"] }, [{ type: "test", path: "/name", value: "shop" }]],
    varsFiles: [{ file: at("vars.yml") }],
    vars: { count: 2 },
  });
  assert.deepEqual(instances.map((i) => [i.instance, i.az]).sort(), [["db/0", "z2"], ["web/0", "z1"], ["web/1", "z2"]]);
  assert.match(JSON.stringify([...rendered.values()]), /file\.example\.com/);
});

test("a runtime config's addons are placed on the groups they choose, with its variables", async (t) => {
  const at = documents(t, { "rt.yml": "releases: [{ name: extra, version: '2', url: /releases/extra }]\naddons:\n- name: logging\n  include: { instance_groups: [web] }\n  jobs: [{ name: log, release: extra, properties: { key: ((log_key)) } }]\nvariables: [{ name: log_key, type: password }]\n" });
  const { rendered, get } = await runShop({ manifest: shopManifest, vars, runtimeConfigs: [{ file: at("rt.yml") }] });
  const jobs = [...rendered].map(([name, { jobs }]) => [name.split("/")[0], jobs.map((job) => job.name).join()]);
  assert.deepEqual(new Set(jobs.map(String)), new Set(["db,store", "web,page,log"]));
  assert.equal(get("Password", "shop.log_key").parent, "Deployment shop");
  assert.match(JSON.stringify([...rendered.values()]), /secret of shop\.log_key/);
});

test("a value given is not generated; one that is only known later is filled in and stays secret", async () => {
  const later = pulumi.secret(Promise.resolve("later.example.com"));
  const signer = { ca: "given ca", certificate: "given certificate", private_key: "given key" };
  const { of, get, rendered, errors } = await runShop({ manifest: shopManifest, vars: { domain: later, db_password: "hunter2", db_ca: signer } });
  assert.deepEqual(errors, []);
  assert.deepEqual(of("Password"), []);
  assert.deepEqual(of("Certificate").map((r) => r.name).sort(), ["env-agent-ca", "shop.db_tls"]);
  assert.deepEqual(get("Certificate", "shop.db_tls").inputs["ca"], signer);
  assert.ok(isSecret(get("Certificate", "shop.db_tls").sent["ca"]));
  const text = JSON.stringify([...rendered.values()]);
  assert.ok(text.includes("later.example.com") && text.includes("hunter2"));
});

test("errors name file, line and path, all of a document at once", async (t) => {
  const broken = shopManifest.replace("persistent_disk_type: default", "persistent_disk_type: gone").replace("lifecycle: errand", "lifecycle: once");
  const at = documents(t, { "m.yml": broken, "good.yml": shopManifest, "yaml.yml": "a: [\n", "ops.yml": "- {type: replace, path: /nowhere/x, value: 1}\n", "rt.yml": "addons: []\nadons: []\n" });
  const failing = (args: Parameters<typeof runShop>[0]) => runShop(args).then(() => assert.fail("it should have failed"), (error: Error) => error.message);
  const both = await failing({ manifest: { file: at("m.yml") }, vars });
  assert.match(both, /has 2 problems/);
  assert.match(both, /gone.*m\.yml:11 at \/instance_groups\/name=db\/persistent_disk_type/);
  assert.match(both, /once.*m\.yml:22 at \/instance_groups\/name=check\/lifecycle/);
  assert.match(await failing({ manifest: { file: at("yaml.yml") }, vars }), /yaml\.yml/);
  const ops = await failing({ manifest: { file: at("good.yml") }, opsFiles: [{ file: at("ops.yml") }], vars });
  assert.match(ops, /ops\.yml/);
  assert.match(ops, /nowhere/);
  assert.match(await failing({ manifest: { file: at("good.yml") } }), /Variable 'domain' has neither a value nor a definition \(.*good\.yml:20 at \/instance_groups\/name=web\/jobs\/name=page\/properties\/domain/);
  assert.match(await failing({ manifest: { file: at("good.yml") }, vars, runtimeConfigs: [{ file: at("rt.yml") }] }), /'adons'.*rt\.yml:2/s);
  assert.match(await failing({ manifest: { file: at("absent.yml") }, vars }), /The manifest of deployment 'shop' '.*absent\.yml' can't be read: there is no such file/);
  assert.match(await failing({ manifest: "m.yml", vars }), /a file is given as \{ file: "m\.yml" \}/);
});

test("a credential in a group's env reaches its VMs, from its variable", async () => {
  const { of } = await runShop({ manifest: shopManifest, vars, opsFiles: [{ type: "replace", path: "/instance_groups/name=db/env?/bosh/password", value: "((db_password))" }] });
  const [db] = of("LocalVm").filter((r) => r.name.startsWith("shop.db."));
  assert.equal(((db!.inputs["env"] as { bosh: { password: string } }).bosh).password, "secret of shop.db_password");
  assert.deepEqual(db!.cameFrom["env"], ["Password shop.db_password"], "whose value is a secret output");
});
