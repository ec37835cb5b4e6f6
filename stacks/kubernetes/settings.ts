import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const text = z.string().min(1);
const texts = z.array(text);

const schema = z.strictObject({
  /** Image of each stemcell by OS and version, or repository by OS: `{"ubuntu-noble": "registry.example.com/noble"}`. */
  stemcells: z.record(z.string(), text, { error: 'is missing: {"OS/VERSION": "IMAGE@DIGEST"} or {"OS": "REPOSITORY"}' }),
  /** Value of `topology.kubernetes.io/zone` of each AZ. */
  zones: z.record(z.string(), text).default({}),
  /** Range of the default network in each AZ: a part of the service range, or of the CNI's pool. */
  ranges: z.record(z.string(), text, { error: 'is missing: {"z1": "10.96.16.0/20", ...}, a part of the service range that nothing else gets addresses of' }),
  /** How VMs get their addresses. Cloud Foundry's jobs listen on more ports than a Service should lead to. */
  addresses: z.enum(["service", "calico", "kube-ovn"]).default("calico"),
  namespace: text.optional(),
  context: text.optional(),
  kubeconfig: text.optional(),
  storageClass: text.optional(),
  imagePullSecrets: texts.optional(),
  /** Labels of the Pods that the deployer runs in. */
  deployerPods: z.record(z.string(), z.string()).optional(),
  /** Ranges that the deployer comes from. Default: the environment's own. */
  deployerRanges: texts.optional(),
  /** Program that carries the bytes to an agent, with %h and %p. Default: addresses are dialled directly. */
  accessCommand: texts.min(1).optional(),
  antiAffinity: z.enum(["soft", "hard", "none"]).default("soft"),
  persistentDisks: z.enum(["protect", "retain", "delete"]).default("protect"),
  /** Requests and limits by VM type, over the defaults: `{"small": {"cpus": 2, "memoryMiB": 4096}}`. */
  sizes: z.record(z.string(), z.strictObject({ cpus: z.number().positive(), memoryMiB: z.number().int().positive() })).default({}),
});

export type KubernetesSettings = z.infer<typeof schema>;

const words = ["addresses", "namespace", "context", "kubeconfig", "storageClass", "antiAffinity", "persistentDisks"] as const;
const objects = ["stemcells", "zones", "ranges", "imagePullSecrets", "deployerPods", "deployerRanges", "accessCommand", "sizes"] as const;

/** What `iaas:…` of the stack's configuration says, checked as a whole. */
export function kubernetesSettings(): KubernetesSettings {
  const config = new pulumi.Config("iaas");
  const given = [...words.map((key) => [key, config.get(key)] as const), ...objects.map((key) => [key, config.getObject(key)] as const)];
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  - iaas:${issue.path.join(".")} ${issue.message}`);
  throw new pulumi.RunError(`The configuration of Kubernetes is not complete:\n${lines.join("\n")}\n  next: pulumi config set --path iaas:stemcells ...; lists and maps are JSON`);
}
