import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { probeKubernetes } from "../../../provider/kubernetes/probe.ts";
import { makeAuthority } from "../../support/agent-certificates.ts";
import { FakeKubernetes } from "../../support/kubernetes/fake/index.ts";

const cluster = new FakeKubernetes({ boot: async () => "", end: async () => undefined, grow: async () => undefined, forget: async () => undefined }, []);
const { lists, denied } = cluster.surroundings;
const folder = mkdtempSync(path.join(os.tmpdir(), "repave-kubeconfig-"));
before(() => cluster.start());
after(() => (rmSync(folder, { recursive: true }), cluster.close()));

/** Writes a kubeconfig into the folder, changed by `change`. */
function kubeconfig(change: (config: any) => void = () => undefined): string {
  const config = JSON.parse(cluster.kubeconfig);
  change(config);
  const file = path.join(folder, "config");
  writeFileSync(file, JSON.stringify(config));
  return file;
}
const look = async (KUBECONFIG = kubeconfig()) => Object.fromEntries((await probeKubernetes({ KUBECONFIG, HOME: folder, PATH: process.env["PATH"] })).map((check) => [check.name, [check.ok, check.found, check.fix] as const]));

test("credentials, rights, zones, room and storage of a cluster are looked at over HTTP", async () => {
  const found = await look();
  assert.deepEqual(Object.keys(found), ["Kubernetes credentials", "rights", "zones", "room", "storage class", "disks that grow"]);
  assert.ok(Object.values(found).every(([ok]) => ok), JSON.stringify(found));
  assert.match(found["Kubernetes credentials"]![1], /^v1\.34\.0 at 127\.0\.0\.1:\d+, context fake$/);
  assert.equal(found["room"]![1], "3 of 3 hosts ready, with 11 CPUs, 48 GiB, 330 Pods in all");
});

test("rights that lack are named, and what may not be read is told beside the rest", async () => {
  for (const right of ["create pods", "delete namespaces", "list nodes"]) denied.add(right);
  const found = await look();
  denied.clear();
  assert.deepEqual(found["rights"]!.slice(0, 2), [false, "not: delete namespaces, create pods"]);
  assert.match(found["zones"]!.join(), /may not read \/api\/v1\/nodes.*give its user/);
  assert.equal(found["storage class"]![0], true);
});

test("too few zones, a storage class that can't grow and a quota that is used up say what to do", async () => {
  const [hosts, classes] = [lists["/api/v1/nodes"]!, lists["/apis/storage.k8s.io/v1/storageclasses"]!];
  lists["/api/v1/nodes"] = [hosts[0]!, { ...hosts[1]!, spec: { unschedulable: true } }];
  lists["/apis/storage.k8s.io/v1/storageclasses"] = [{ ...classes[0]!, allowVolumeExpansion: false }];
  lists["/api/v1/resourcequotas"] = [
    { metadata: { name: "small", namespace: "repave-cf" }, status: { hard: { pods: "10", "requests.cpu": "4", "requests.memory": "8Gi" }, used: { pods: "10", "requests.cpu": "3500m", "requests.memory": "8192Mi" } } },
    { metadata: { name: "theirs", namespace: "shop" }, status: { hard: { pods: "1" }, used: { pods: "1" } } },
  ];
  const found = await look();
  assert.deepEqual([found["zones"]!.slice(0, 2), found["room"]![1].slice(0, 19)], [[false, "zone-a"], "1 of 2 hosts ready,"]);
  assert.deepEqual(found["disks that grow"]!.slice(0, 2), [false, "ssd has no allowVolumeExpansion"]);
  assert.deepEqual(found["quota: pods in repave-cf"], [false, "10 of 10 used", "raise 'pods' of ResourceQuota small"]);
  assert.equal(found["quota: requests.cpu in repave-cf"]![0], true);
  assert.equal(found["quota: requests.memory in repave-cf"]![0], false);
  assert.equal(found["quota: pods in shop"], undefined);
});

test("missing, wrong and unreachable credentials say what to do, and no token", async () => {
  const of = async (file: string) => (await look(file))["Kubernetes credentials"]!.join(" ");
  assert.match(await of(path.join(folder, "none")), /there is no kubeconfig set KUBECONFIG/);
  assert.match(await of(kubeconfig((config) => (config["current-context"] = "other"))), /no context 'other'/);
  const wrong = await of(kubeconfig((config) => (config.users[0].user.token = "hunter2")));
  assert.match(wrong, /does not accept the credentials of context 'fake'/);
  assert.doesNotMatch(wrong, /hunter2/);
  assert.match(await of(kubeconfig((config) => (config.clusters[0].cluster.server = "http://127.0.0.1:9"))), /can't be asked: http:\/\/127\.0\.0\.1:9/);
  writeFileSync(path.join(folder, "broken"), "clusters: [{ name: 7 }]\nusers: { token: hunter2 }\n");
  const broken = await of(path.join(folder, "broken"));
  assert.match(broken, /is no kubeconfig: clusters\.0\.name/);
  assert.doesNotMatch(broken, /hunter2/);
});

test("a cloud's own program gives the token; several files are one kubeconfig", async () => {
  const { token } = JSON.parse(cluster.kubeconfig).users[0].user;
  const program = path.join(folder, "get-token");
  writeFileSync(program, `#!/bin/sh\nprintf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$THE_TOKEN"\n`);
  chmodSync(program, 0o700);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "./get-token", args: null, env: [{ name: "THE_TOKEN", value: token }] };
  assert.equal((await look(kubeconfig((config) => (config.users[0].user = { exec }))))["Kubernetes credentials"]![0], true);
  assert.match((await look(kubeconfig((config) => (config.users[0].user = { exec: { ...exec, command: "no-such-program" } }))))["Kubernetes credentials"]![1], /no-such-program gives none: it is not there/);
  const second = path.join(folder, "second");
  writeFileSync(second, "apiVersion: v1\ncurrent-context: fake\n");
  const rest = kubeconfig((config) => delete config["current-context"]);
  assert.equal((await look(`${second}${path.delimiter}${rest}`))["Kubernetes credentials"]![0], true);
});

test("an API server of its own authority is spoken to with the kubeconfig's certificates, and with no other's", async (t) => {
  const [authority, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  const [server, client] = await Promise.all([authority.issue("localhost"), authority.issue("operator")]);
  const { token } = JSON.parse(cluster.kubeconfig).users[0].user;
  const front = https.createServer({ key: server.private_key, cert: server.certificate, ca: authority.ca, requestCert: true, rejectUnauthorized: true }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await fetch(`${cluster.url}${request.url}`, { method: request.method!, headers: { Authorization: `Bearer ${token}` }, ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}) });
    response.writeHead(answer.status).end(await answer.text());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  t.after(() => (front.closeAllConnections(), front.close()));
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const trusting = (ca: string) =>
    kubeconfig((config) => {
      config.clusters[0].cluster = { server: `https://localhost:${(front.address() as AddressInfo).port}`, "certificate-authority-data": base64(ca) };
      config.users[0].user = { "client-certificate-data": base64(client.certificate), "client-key-data": base64(client.private_key) };
    });
  assert.equal((await look(trusting(authority.ca)))["Kubernetes credentials"]![0], true);
  assert.match((await look(trusting(other.ca)))["Kubernetes credentials"]![1], /can't be asked: https:\/\/localhost:\d+: .*(certificate|signature)/i);
});
