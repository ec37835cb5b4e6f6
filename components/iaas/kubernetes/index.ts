import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import type { IaasAdapter, OpenArgs, Stemcell } from "../port.ts";
import { versionsIn } from "../stemcell-versions.ts";
import { declareBalancer } from "./balancer.ts";
import { readProperties } from "./cloud-properties.ts";
import { declareDisk } from "./disk.ts";
import { annotationsOf, labelsOf, objectName, selectorOf } from "./names.ts";
import { KubernetesNetwork } from "./network.ts";
import type { KubernetesIaasArgs } from "./options.ts";
import { loadSdk } from "./sdk.ts";
import type { Shared } from "./shared.ts";
import { declareVm } from "./vm.ts";

export type { KubernetesIaasArgs, PodAddresses } from "./options.ts";

/**
 * Kubernetes: a VM is a privileged Pod of a warden stemcell, a persistent disk a claim, a load balancer a Service.
 * It takes the package `@pulumi/kubernetes`, which you install beside this one.
 *
 * @example
 * new Environment("cf", {
 *   iaas: kubernetesIaas({ stemcells: { "ubuntu-noble": "registry.example.com/stemcells/noble" } }),
 *   azs: [{ name: "z1", range: "10.96.64.0/24", cloudProperties: { zone: "eu-1a" } }],
 * });
 */
export function kubernetesIaas(args: KubernetesIaasArgs): IaasAdapter {
  return {
    name: "kubernetes",
    open(name, open, opts) {
      const sdk = loadSdk();
      checkAzs(open);
      const provider = args.provider ?? (args.kubeconfig === undefined ? undefined : new sdk.Provider(name, { kubeconfig: args.kubeconfig, ...(args.context === undefined ? {} : { context: args.context }) }, { parent: opts.parent }));
      const network = new KubernetesNetwork(name, { sdk, open, args }, { ...pick(opts), ...(provider === undefined ? {} : { providers: [provider] }) });
      const shared: Shared = { sdk, name, args, open, namespace: network.namespace, provider };
      return {
        name: "kubernetes",
        network,
        stemcellVersions: (os) => versionsIn(args.stemcells, os),
        stemcell: (wanted) => ({ ...wanted, image: pulumi.output(imageOf(args.stemcells, wanted)) }),
        vmGroup(groupName, { deployment, group, instances, tags }, groupOpts) {
          const metadata = { namespace: network.namespace, name: objectName(deployment, group), labels: labelsOf(tags), annotations: annotationsOf(tags) };
          const matchLabels = selectorOf({ environment: open.environment, deployment, group });
          // Bare Pods allow no other form, and one that is gone stays gone until the next update: so one at a time, and of a single one none.
          new sdk.PodDisruptionBudget(groupName, { metadata, spec: { minAvailable: Math.max(1, instances - 1), selector: { matchLabels } } }, pulumi.mergeOptions(groupOpts, { provider }));
          return { complete() {} };
        },
        createVm: (vmName, vm, vmOpts) => declareVm(shared, vmName, vm, vmOpts),
        createDisk: (diskName, disk, diskOpts) => declareDisk(shared, diskName, disk, diskOpts),
        createLoadBalancer: (balancerName, balancer, balancerOpts) => declareBalancer(shared, balancerName, balancer, balancerOpts),
        compilation: () => (args.compilation === undefined ? undefined : { environment: args.compilation.localEnvironment }),
      };
    },
  };
}

function checkAzs({ azs, subnets }: OpenArgs): void {
  for (const az of azs) readProperties("azs", `AZ '${az.name}'`, az.cloudProperties);
  for (const subnet of subnets) readProperties("networks", `network '${subnet.network}'`, subnet.cloudProperties);
}

/** Of options for a single resource those that a component takes too. */
function pick({ parent, dependsOn }: pulumi.CustomResourceOptions): pulumi.ComponentResourceOptions {
  return { ...(parent === undefined ? {} : { parent }), ...(dependsOn === undefined ? {} : { dependsOn }) };
}

/** The reference of exactly this version, or the OS's repository with the version as its tag. */
function imageOf(stemcells: KubernetesIaasArgs["stemcells"], { os, version }: Pick<Stemcell, "os" | "version">): string {
  const exact = stemcells[`${os}/${version}`];
  if (exact !== undefined) return exact;
  const repository = stemcells[os];
  if (repository !== undefined) return repository.includes("@") ? repository : `${repository}:${version}`;
  throw new IaasError("iaas.stemcell", `There is no image of stemcell ${os}/${version}`, {
    method: "create_stemcell",
    details: { known: Object.keys(stemcells) },
    hint: `add '${os}/${version}', or '${os}' for a repository, to 'stemcells' of kubernetesIaas()`,
  });
}
