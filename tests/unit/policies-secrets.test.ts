import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "@pulumi/policy";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { secretsPreservingProxy } from "@pulumi/policy/secret";
import { looksLikeCredential } from "../../components/credential-looks.ts";
import { pinnedArtifacts, secretHygiene } from "../../policies/index.ts";
import { askResource, deploymentResource, resource } from "../support/policy-resources.ts";

const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n";

test("credentials are known by their key, or by being a private key", () => {
  for (const name of ["password", "adminPassword", "db_password", "client-secret", "API_KEY", "privateKey", "token", "nats.credentials"]) assert.ok(looksLikeCredential(name, "x"), name);
  for (const name of ["passwords_file", "token_endpoint", "secretName", "key", "user", "certificate"]) assert.ok(!looksLikeCredential(name, "x"), name);
  assert.ok(looksLikeCredential("anything", key));
  for (const value of ["", "((password))", 7, true, null, undefined, {}]) assert.ok(!looksLikeCredential("password", value));
});

test("secret-hygiene finds credentials written into a deployment", () => {
  assert.deepEqual(askResource(secretHygiene, deploymentResource()), []);
  const plain = deploymentResource({ inPlainText: ["web/web: web.password"] });
  assert.match(String(askResource(secretHygiene, plain)), /as plain text: web\/web: web\.password\. Write \(\(NAME\)\)/);
  assert.deepEqual(askResource(secretHygiene, plain, { allow: ["web/web: web.password"] }), []);
});

test("secret-hygiene finds credentials where the IaaS shows them", () => {
  const instance = (props: Record<string, unknown>) => askResource(secretHygiene, resource({ type: "aws:ec2/instance:Instance", name: "vm", props }));
  assert.deepEqual(instance({ tags: { team: "a" }, password: "kept by Pulumi" }), []);
  assert.match(String(instance({ tags: { db_password: "hunter2" } })), /'vm' shows what looks like a credential in tags\.db_password/);
  assert.match(String(instance({ metadata: { note: key } })), /metadata\.note/);
  assert.doesNotMatch(String(instance({ tags: { db_password: "hunter2" } })), /hunter2/);
  const pod = (env: object) => askResource(secretHygiene, resource({ type: "kubernetes:core/v1:Pod", props: { spec: { containers: [{ name: "web", env: [env] }] } } }));
  assert.match(String(pod({ name: "DB_PASSWORD", value: "hunter2" })), /web env DB_PASSWORD/);
  assert.deepEqual(pod({ name: "DB_PASSWORD", valueFrom: { secretKeyRef: {} } }), []);
  assert.equal((askResource(secretHygiene, resource({ type: "kubernetes:core/v1:ConfigMap", props: { data: { token: "x" } } })) as string[]).length, 1);
  assert.deepEqual(askResource(secretHygiene, resource({ type: "kubernetes:core/v1:Secret", props: { stringData: { token: "x" } } })), []);
});

test("secret-hygiene wants outputs marked as secret", () => {
  const localVm = (additionalSecretOutputs: string[]) => askResource(secretHygiene, resource({ type: "repave:index:LocalVm", name: "vm", opts: { additionalSecretOutputs } }));
  assert.deepEqual(localVm(["mbusPassword"]), []);
  assert.deepEqual(localVm([]), ["The output 'mbusPassword' of 'vm' is not marked as secret."]);
  assert.deepEqual(askResource(secretHygiene, resource({ type: "a:b:C" }), { secretOutputs: ["a:b:C#key"] }), ["The output 'key' of 'it' is not marked as secret."]);
});

test("at level remediate, secret-hygiene makes secrets of inputs that look like credentials", async () => {
  const remediate = (props: Record<string, unknown>) => secretHygiene.remediateResource!({ props: secretsPreservingProxy(props), type: "a:b:C" } as unknown as ResourceValidationArgs);
  assert.equal(await remediate({ name: "x", password: new Secret("kept"), nested: { token: new Secret("kept") } }), undefined);
  assert.equal(await remediate({ private_key: "held:0123" }), undefined);
  const changed = (await remediate({ name: "x", list: [{ adminPassword: "plain" }, 1], kept: new Secret("y") })) as Record<string, unknown>;
  assert.deepEqual(changed["list"], [{ adminPassword: new Secret("plain") }, 1]);
  assert.deepEqual([changed["name"], changed["kept"]], ["x", new Secret("y")]);
});

test("pinned-artifacts wants a digest for what is fetched", () => {
  const ask = (release: object, config = {}) => askResource(pinnedArtifacts, deploymentResource({ releases: [{ name: "nats", version: "1", ...release }] }), config);
  assert.deepEqual(ask({ url: "https://example.com/nats.tgz", digest: "sha256:abc" }), []);
  assert.deepEqual(ask({ url: "https://example.com/nats.tgz", digest: "0123456789" }), [], "a bare digest is a sha1");
  assert.deepEqual(ask({ url: "/releases/nats" }), [], "a folder is no download");
  assert.deepEqual(ask({ url: "file:///releases/nats.tgz" }), []);
  assert.deepEqual(ask({ url: "https://example.com/nats.tgz" }), ["The release 'nats' is fetched from https://example.com/nats.tgz without a digest."]);
  assert.deepEqual(ask({ url: "https://example.com/nats.tgz", digest: "0123" }, { algorithms: ["sha256"] }), ["The release 'nats' has a digest of sha1; what counts here is sha256."]);
  assert.deepEqual(ask({ url: "https://example.com/nats.tgz", digest: "0123;sha256:abc" }, { algorithms: ["sha256"] }), []);
  assert.match(String(ask({ version: "latest" })), /release 'nats' has the version 'latest'/);
  assert.deepEqual(ask({ version: "latest" }, { allow: ["nats"] }), []);
});

test("pinned-artifacts wants pinned stemcells and images", () => {
  const stemcell = (more: object) => askResource(pinnedArtifacts, deploymentResource({ stemcells: [{ alias: "default", os: "ubuntu-jammy", version: "1.10", ...more }] }));
  assert.deepEqual(stemcell({}), []);
  assert.match(String(stemcell({ version: "latest" })), /stemcell 'default'/);
  assert.match(String(stemcell({ version: "1.latest" })), /'1\.latest'/);
  assert.match(String(stemcell({ url: "https://example.com/s.tgz" })), /stemcell 'default' is fetched from/);
  const pod = (image: string) => askResource(pinnedArtifacts, resource({ type: "kubernetes:core/v1:Pod", props: { spec: { containers: [{ image }] } } }));
  assert.deepEqual(pod("registry/stemcell@sha256:abc"), []);
  assert.match(String(pod("registry/stemcell:1.10")), /image 'registry\/stemcell:1\.10'/);
});
