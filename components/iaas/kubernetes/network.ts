import * as pulumi from "@pulumi/pulumi";
import type { OpenArgs } from "../port.ts";
import { ingressRules } from "./network-rules.ts";
import { annotationsOf, labelsOf, objectName, selectorOf } from "./names.ts";
import type { KubernetesIaasArgs } from "./options.ts";
import type { Kubernetes } from "./sdk.ts";

/** The environment's place: its namespace, unless one is given, and who may reach its VMs. */
export class KubernetesNetwork extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, { sdk, open, args }: { sdk: Kubernetes; open: OpenArgs; args: KubernetesIaasArgs }, opts: pulumi.ComponentResourceOptions) {
    super("repave:index:KubernetesNetwork", name, {}, opts);
    const own = { labels: labelsOf(open.tags), annotations: annotationsOf(open.tags) };
    const made = args.namespace === undefined ? new sdk.Namespace(name, { metadata: { ...own, name: objectName("repave", open.environment), labels: { ...own.labels, ...privileged } } }, { parent: this }) : undefined;
    this.namespace = pulumi.output(made === undefined ? args.namespace! : made.metadata.name);
    const vms = selectorOf({ environment: open.environment });
    const deployers = args.deployerPods === undefined ? [] : [{ namespaceSelector: {}, podSelector: { matchLabels: args.deployerPods } }];
    new sdk.NetworkPolicy(
      name,
      {
        metadata: { ...own, name: objectName(open.environment, "vms"), namespace: this.namespace },
        spec: { podSelector: { matchLabels: vms }, policyTypes: ["Ingress"], ingress: ingressRules(open.rules, vms, deployers) },
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs();
  }
}

/** Init and the agent mount and supervise, as on a VM. */
const privileged = { "pod-security.kubernetes.io/enforce": "privileged" };
