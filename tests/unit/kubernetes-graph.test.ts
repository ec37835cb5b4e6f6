import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isSecret, type Registration } from "../support/recorded-program.ts";
import { kubernetesCloud, runOnKubernetes, type KubernetesRun } from "../support/kubernetes/scene.ts";

let run: KubernetesRun;
before(async () => {
  run = await runOnKubernetes();
});

type Inputs = { metadata: { name: string; namespace?: string; labels: Record<string, string>; annotations: Record<string, string> }; spec: Record<string, any>; [key: string]: any };
const of = (r: Registration) => r.inputs as unknown as Inputs;
const idOf = (r: Registration) => r.name.split(".")[2]!;
const groupOf = (r: Registration) => r.name.split(".")[1]!;

test("a deployment of two groups over three AZs is these resources and no others", () => {
  const counted = new Map<string, number>();
  for (const { type } of run.registrations.filter((r) => r.type.startsWith("kubernetes:"))) counted.set(type, (counted.get(type) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries([...counted].sort()), {
    "kubernetes:core/v1:Namespace": 1,
    "kubernetes:core/v1:PersistentVolumeClaim": 3,
    "kubernetes:core/v1:Pod": 6,
    "kubernetes:core/v1:Secret": 6,
    "kubernetes:core/v1:Service": 7,
    "kubernetes:networking.k8s.io/v1:NetworkPolicy": 2,
    "kubernetes:policy/v1:PodDisruptionBudget": 2,
  });
  assert.deepEqual(run.errors, []);
});

test("resources are named by deployment, group and instance, under their group", () => {
  for (const pod of run.kind("Pod")) {
    assert.match(pod.name, /^shop\.(db|web)\.[0-9a-f-]+$/);
    assert.equal(pod.parent, `InstanceGroup shop.${groupOf(pod)}`);
    assert.ok(pod.dependsOn.some((d) => d.includes("KubernetesNetwork") || d.includes("NetworkPolicy")), pod.dependsOn.join(", "));
    assert.ok(pod.dependsOn.includes(`kubernetes:core/v1:Service ${pod.name}`), "the way to the agent is there first");
    for (const kind of ["Secret", "Service"]) assert.equal(run.kind(kind).filter((r) => r.name === pod.name).length, 1, `${kind} ${pod.name}`);
  }
});

test("objects carry environment, deployment, group and instance as labels, and every tag unchanged as an annotation", () => {
  for (const kind of ["Pod", "Secret", "PersistentVolumeClaim"]) {
    for (const r of run.kind(kind)) {
      const { labels, annotations } = of(r).metadata;
      const expected = { "bosh.io/environment": "prod", "bosh.io/deployment": "shop", "bosh.io/group": groupOf(r), "bosh.io/id": idOf(r), "app.kubernetes.io/managed-by": "repave" };
      for (const [key, value] of Object.entries(expected)) assert.equal(labels[key], value, `${kind} ${key}`);
      assert.equal(annotations["bosh.io/team"], "payments");
      assert.equal(annotations[`bosh.io/id`], idOf(r));
      assert.equal(Object.entries(annotations).find(([key]) => key.startsWith("bosh.io/cost-center-"))?.[1], "4711/a", "a key with a space");
    }
  }
  for (const kind of ["Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service"]) for (const r of run.kind(kind)) assert.equal(of(r).metadata.labels["bosh.io/environment"], "prod", `${kind} ${r.name}`);
});

test("labels and names are what an API server takes", () => {
  for (const r of run.registrations.filter((x) => x.type.startsWith("kubernetes:"))) {
    const { name, labels, annotations } = of(r).metadata;
    assert.match(name, /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, `${r.type} ${name}`);
    for (const value of Object.values(labels)) assert.match(value, /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
    for (const key of [...Object.keys(labels), ...Object.keys(annotations)]) assert.match(key.split("/").pop()!, /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, key);
    for (const value of Object.values(annotations)) assert.equal(typeof value, "string");
  }
});

test("a Pod is a privileged stemcell under its own init, in its AZ, apart from its group, with the disk from the start", () => {
  const zones: Record<string, string[]> = { db: [], web: [] };
  for (const pod of run.kind("Pod")) {
    const { metadata, spec } = of(pod);
    const [container, ...others] = spec["containers"] as Record<string, any>[];
    assert.deepEqual(others, []);
    assert.equal(container!["image"], "registry.example.com/stemcells/noble@sha256:0123");
    assert.deepEqual(container!["securityContext"], { privileged: true, runAsUser: 0 });
    assert.match(container!["command"][2], /runsvdir-start[\s\S]*\/sbin\/init/);
    assert.equal(spec["restartPolicy"], "Never");
    assert.equal(spec["automountServiceAccountToken"], false);
    assert.equal(spec["enableServiceLinks"], false);
    zones[groupOf(pod)]!.push(spec["nodeSelector"]["topology.kubernetes.io/zone"]);
    const [spread] = spec["topologySpreadConstraints"];
    assert.equal(spread.topologyKey, "kubernetes.io/hostname");
    for (const [key, value] of Object.entries(spread.labelSelector.matchLabels)) assert.equal(metadata.labels[key], value, "it counts itself");
    const volumes = spec["volumes"] as { name: string; [key: string]: any }[];
    const mounts = container!["volumeMounts"] as { name: string; mountPath: string; subPath?: string }[];
    const secret = run.kind("Secret").find((r) => r.name === pod.name)!;
    assert.equal(volumes.find((v) => v.name === "settings")!["secret"].secretName, of(secret).metadata.name);
    assert.deepEqual(mounts.find((m) => m.name === "settings"), { name: "settings", mountPath: "/var/vcap/bosh/warden-cpi-agent-env.json", subPath: "settings.json", readOnly: true });
    const claim = run.kind("PersistentVolumeClaim").find((r) => r.name === pod.name);
    assert.equal(claim !== undefined, groupOf(pod) === "db");
    if (!claim) continue;
    assert.equal(volumes.find((v) => v.name === "disk-0")!["persistentVolumeClaim"].claimName, of(claim).metadata.name);
    const hint = run.get("Instance", pod.name).inputs["diskHint"];
    assert.equal(hint, mounts.find((m) => m.name === "disk-0")!.mountPath, "the agent is told where the disk is");
    assert.equal(volumes.find((v) => v.name === "data")!["emptyDir"].sizeLimit, "10240Mi");
    assert.deepEqual(container!["resources"], { requests: { cpu: "2", memory: "4096Mi" }, limits: { cpu: "2", memory: "4096Mi" } });
    assert.equal(metadata.labels["tier"], "data");
  }
  for (const group of ["db", "web"]) assert.deepEqual(zones[group]!.sort(), ["eu-1a", "eu-1b", "eu-1c"], group);
});

test("a Pod goes before the next one comes, and whatever changes in it replaces it", () => {
  for (const pod of run.kind("Pod")) {
    assert.deepEqual([pod.options.deleteBeforeReplace, pod.options.replaceOnChanges], [true, ["spec"]]);
    assert.equal(of(pod).metadata.annotations["pulumi.com/waitFor"], "jsonpath={.status.phase}=Running", "not until its jobs make it ready");
  }
});

test("settings are secret, and their Secret has another name for other settings", async () => {
  const other = await runOnKubernetes({ cloud: kubernetesCloud({ az: { node_labels: { pool: "blue" } } }) });
  for (const secret of run.kind("Secret")) {
    const sent = secret.sent as { stringData: unknown };
    assert.ok(isSecret(sent.stringData) || isSecret((sent.stringData as Record<string, unknown>)["settings.json"]));
    assert.ok(secret.options.secretOutputs.includes("stringData"));
    assert.equal(of(secret)["immutable"], true);
    const { name } = of(secret).metadata;
    assert.ok(!isSecret((secret.sent as unknown as { metadata: { name: unknown } }).metadata.name) && !isSecret((secret.sent as { metadata: unknown }).metadata), "its name is no secret: previews show it");
    assert.match(name, /-[0-9a-f]{8,10}$/);
    assert.deepEqual(secret.cameFrom["metadata"]!.filter((from) => from.startsWith("AgentSettings")), [`AgentSettings ${secret.name}`]);
  }
  const secretText = JSON.stringify(run.kind("Secret").map((r) => of(r).stringData["settings.json"]));
  const elsewhere = JSON.stringify(run.registrations.filter((r) => r.type.startsWith("kubernetes:") && !r.type.endsWith(":Secret")).map((r) => r.inputs));
  assert.ok(!elsewhere.includes("mbus password") && !elsewhere.includes("user data of"), "no credential outside the Secret");
  assert.ok(secretText.includes("user data of shop"));
  const prints = (of: KubernetesRun) => of.of("AgentSettings").map((r) => r.inputs["fingerprint"]);
  assert.notDeepEqual(prints(other), prints(run), "another host makes another VM, so its settings are renewed");
});

test("an instance takes its VM's id from the Pod that there is, and reaches its agent at its own address", () => {
  for (const instance of run.of("Instance")) {
    assert.ok(instance.cameFrom["vmCid"]!.includes(`kubernetes:core/v1:Pod ${instance.name}`));
    const access = instance.inputs["access"] as { ip: string; via: object };
    const service = run.kind("Service").find((r) => r.name === instance.name)!;
    assert.equal(of(service).spec["clusterIP"], access.ip);
    assert.deepEqual(access.via, { kind: "direct" });
    assert.ok(isSecret((instance.sent as { access: unknown }).access));
  }
});

test("a VM's address leads to its agent, SSH and the ports its type names, ready or not", () => {
  for (const pod of run.kind("Pod")) {
    const { spec } = of(run.kind("Service").find((r) => r.name === pod.name)!);
    assert.equal(spec["publishNotReadyAddresses"], true);
    assert.equal(of(pod).metadata.labels["bosh.io/vm"], spec["selector"]["bosh.io/vm"]);
    const ports = (spec["ports"] as { port: number }[]).map((p) => p.port);
    assert.deepEqual(ports, groupOf(pod) === "db" ? [6868, 22, 5432, 7000, 7001] : [6868, 22, 8080, 8081]);
    const env = (of(pod).spec["containers"] as any[])[0].env as { name: string; value?: string }[];
    assert.equal(env.find((e) => e.name === "REPAVE_STATIC_IP")?.value, spec["clusterIP"]);
  }
});

test("a load balancer is a Service over the group's ready Pods, with its names, its port and who may come", () => {
  const [service] = run.kind("Service").filter((r) => r.name === "shop.front");
  const { metadata, spec } = of(service!);
  assert.deepEqual([spec["type"], spec["ports"]], ["LoadBalancer", [{ name: "backend", protocol: "TCP", port: 80, targetPort: 8080 }]]);
  assert.deepEqual(spec["loadBalancerSourceRanges"], ["203.0.113.0/24"]);
  assert.equal(spec["publishNotReadyAddresses"], undefined);
  assert.equal(metadata.annotations["external-dns.alpha.kubernetes.io/hostname"], "*.apps.example.com");
  assert.equal(metadata.annotations["cloud.example.com/tier"], "public");
  const chosen = run.kind("Pod").filter((pod) => Object.entries(spec["selector"] as Record<string, string>).every(([key, value]) => of(pod).metadata.labels[key] === value));
  assert.deepEqual(chosen.map(groupOf), ["web", "web", "web"]);
  for (const pod of chosen) assert.deepEqual((of(pod).spec["containers"] as any[])[0].readinessProbe, { httpGet: { path: "/health", port: 8081 }, periodSeconds: 5, successThreshold: 2, failureThreshold: 2 });
});

test("by default nobody reaches a VM but other VMs, deployers on the agent's port and SSH, and load balancers", async () => {
  const { spec } = of(run.kind("NetworkPolicy").find((r) => r.name === "prod")!);
  assert.deepEqual(spec["policyTypes"], ["Ingress"]);
  const vms = { "bosh.io/environment": "prod" };
  assert.deepEqual(spec["podSelector"], { matchLabels: vms });
  const subnets = [1, 2, 3].map((n) => ({ ipBlock: { cidr: `10.96.${n}.0/24` } }));
  const tcp = (port: number) => ({ from: subnets, ports: [{ protocol: "TCP", port }] });
  assert.deepEqual(spec["ingress"], [{ from: [{ podSelector: { matchLabels: vms } }] }, tcp(6868), tcp(22)]);
  const front = of(run.kind("NetworkPolicy").find((r) => r.name === "shop.front")!);
  assert.deepEqual(front.spec["ingress"].map((rule: any) => [rule.from[0].ipBlock.cidr, rule.ports[0].port]), [["203.0.113.0/24", 8080], ["203.0.113.0/24", 8081]]);

  const inside = await runOnKubernetes({ iaas: { deployerPods: { app: "repave" } } });
  const ingress = of(inside.kind("NetworkPolicy").find((r) => r.name === "prod")!).spec["ingress"] as { from: object[] }[];
  assert.deepEqual(ingress[1]!.from.at(-1), { namespaceSelector: {}, podSelector: { matchLabels: { app: "repave" } } });
});

test("evictions take one VM of a group at a time", () => {
  for (const budget of run.kind("PodDisruptionBudget")) assert.equal(of(budget).spec["minAvailable"], 2, "bare Pods: a number of Pods that stay");
});

test("persistent disks are protected claims of their class and size, and may be kept or deleted instead", async () => {
  for (const claim of run.kind("PersistentVolumeClaim")) {
    assert.deepEqual(of(claim).spec, { accessModes: ["ReadWriteOnce"], storageClassName: "ssd", resources: { requests: { storage: "2048Mi" } } });
    assert.deepEqual([claim.options.protect, claim.options.retainOnDelete, claim.options.deleteBeforeReplace], [true, false, true]);
  }
  for (const [persistentDisks, protect, retain] of [["retain", false, true], ["delete", false, false]] as const) {
    const other = await runOnKubernetes({ iaas: { persistentDisks } });
    for (const { options } of other.kind("PersistentVolumeClaim")) assert.deepEqual([options.protect, options.retainOnDelete], [protect, retain]);
  }
});

test("a given namespace is used and not made", async () => {
  const other = await runOnKubernetes({ iaas: { namespace: "platform" } });
  assert.deepEqual(other.kind("Namespace"), []);
  for (const kind of ["Pod", "Secret", "Service", "NetworkPolicy", "PodDisruptionBudget", "PersistentVolumeClaim"]) for (const r of other.kind(kind)) assert.equal(of(r).metadata.namespace, "platform", `${kind} ${r.name}`);
  const [made] = run.kind("Namespace");
  assert.deepEqual([of(made!).metadata.name, of(made!).metadata.labels["pod-security.kubernetes.io/enforce"]], ["repave-prod", "privileged"]);
});

test("a CNI can give Pods their addresses: then no Service stands in front of a VM, and the address is part of what replaces it", async () => {
  const other = await runOnKubernetes({ iaas: { addresses: "calico" } });
  assert.deepEqual(other.kind("Service").map((r) => r.name), ["shop.front"]);
  for (const pod of other.kind("Pod")) {
    const { ip } = other.get("Instance", pod.name).inputs["access"] as { ip: string };
    assert.equal(of(pod).metadata.annotations["cni.projectcalico.org/ipAddrs"], `["${ip}"]`);
    assert.ok(pod.options.replaceOnChanges.includes('metadata.annotations["cni.projectcalico.org/ipAddrs"]'));
    assert.ok(!JSON.stringify(of(pod).spec).includes('"REPAVE_STATIC_IP"'));
  }
  const custom = await runOnKubernetes({ iaas: { addresses: { annotations: { "ipam.example.com/ip": "v4:((ip))" } } } });
  const [pod] = custom.kind("Pod");
  assert.equal(of(pod!).metadata.annotations["ipam.example.com/ip"], `v4:${(custom.get("Instance", pod!.name).inputs["access"] as { ip: string }).ip}`);
});

test("a stopped instance keeps its VM as it is", async () => {
  const other = await runOnKubernetes({ config: { "repave:states": JSON.stringify({ "db/0": "stopped" }) } });
  const held = other.of("AgentSettings").filter((r) => r.options.ignoreChanges.length > 0);
  assert.deepEqual(held.map((r) => r.options.ignoreChanges), [["networks", "env", "fingerprint", "repaveBefore"]]);
  assert.deepEqual(other.kind("Pod").filter((r) => r.options.ignoreChanges.length > 0).map((r) => [r.name, r.options.ignoreChanges]), [[held[0]!.name, ["spec"]]]);
});
