// What the adapter declares, rendered as manifests, and held against the schemas that Kubernetes itself publishes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubernetesCloud, runOnKubernetes } from "../support/kubernetes/scene.ts";
import { findSchemas, schemaProblems } from "../support/kubernetes/schemas.ts";

const schemas = findSchemas({ install: true });
const releases = ["1.29", "1.36"];

type Scene = Parameters<typeof runOnKubernetes>[0];
const scenes: Record<string, Scene> = {
  "with defaults": {},
  "in a given namespace, with the CNI's addresses and deployers in Pods": { iaas: { namespace: "given", addresses: "calico", deployerPods: { app: "deployer" }, imagePullSecrets: ["registry"], antiAffinity: "hard" } },
  "with everything a VM type can say": {
    cloud: kubernetesCloud({
      vmTypes: ["default", "large"].map((name) => ({
        name,
        cloud_properties: {
          node_labels: { disk: "fast" },
          labels: { tier: "data" },
          annotations: { "example.com/owner": "me" },
          resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "2Gi" } },
          ephemeral_disk: { size: 10240 },
          node_ports: [{ name: "admin", port: 9000, node_port: 30900 }, { name: "dns", protocol: "udp", port: 53 }],
          ingresses: [{ ports: [5432, "7000-7001"], protocols: ["tcp", "udp"] }],
          tolerations: [{ key: "dedicated", operator: "Equal", value: "cf", effect: "NoSchedule" }],
          priority_class: "platform",
          runtime_class: "kata",
        },
      })),
      front: { load_balancer: { name: "front", port: 80, backend_port: 8080, health: { protocol: "http", port: 8081, path: "/health", interval_ms: 5000 }, cloud_properties: { class: "example.com/lb", ip: "198.51.100.9", external_traffic_policy: "Local", source_ranges: ["203.0.113.0/24"] } } },
    }),
  },
};

const rendered = async (scene: Scene): Promise<Record<string, any>[]> => {
  const { registrations, errors } = await runOnKubernetes(scene);
  assert.deepEqual(errors, []);
  return registrations.filter(({ type }) => type.startsWith("kubernetes:")).map(({ inputs }) => inputs);
};

for (const [name, scene] of Object.entries(scenes)) {
  test(`an environment ${name} is what the API's schemas allow, and no field is unknown`, { skip: schemas.missing ?? false }, async () => {
    const objects = await rendered(scene);
    const kinds = new Set(objects.map(({ kind }) => String(kind)));
    for (const kind of ["Pod", "Secret", "PersistentVolumeClaim", "Service", "NetworkPolicy", "PodDisruptionBudget"]) assert.ok(kinds.has(kind), kind);
    assert.deepEqual(schemaProblems(schemas.python!, objects, releases), []);
  });
}

test("the schemas see a field that is misspelt or of another form", { skip: schemas.missing ?? false }, async () => {
  const pod = (await rendered({})).find(({ kind }) => kind === "Pod")!;
  assert.match(schemaProblems(schemas.python!, [{ ...pod, spec: { ...pod["spec"], restartPolice: "Never" } }], ["1.36"]).join(), /restartPolice/);
  assert.match(schemaProblems(schemas.python!, [{ ...pod, spec: { ...pod["spec"], terminationGracePeriodSeconds: "soon" } }], ["1.36"]).join(), /soon/);
});
