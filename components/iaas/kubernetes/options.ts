import type * as pulumi from "@pulumi/pulumi";
import type { AccessPath } from "../port.ts";

/**
 * How a VM gets the address that its instance keeps.
 *
 * - `service`: a Service with that cluster IP leads to the Pod, which has the address too. Works everywhere; the networks' ranges must be a part
 *   of the service range that nobody else is given addresses of, and only ports that are named are reached.
 * - `calico`, `kube-ovn`: the Pod itself has the address, by the CNI's annotation. The ranges are those of an IP pool of the CNI.
 * - `annotations`: the same for another CNI; `((ip))` in a value is the address.
 */
export type PodAddresses = "service" | "calico" | "kube-ovn" | { annotations: Readonly<Record<string, string>> };

export interface KubernetesIaasArgs {
  /** Where it lives. Default: the stack's `kubernetes:` configuration, else `KUBECONFIG` and its current context. */
  provider?: pulumi.ProviderResource;
  /** Instead of a provider: content or path of a kubeconfig. */
  kubeconfig?: pulumi.Input<string>;
  /** Context of that kubeconfig. Default: its current one. */
  context?: pulumi.Input<string>;
  /** A namespace that is there and lets privileged Pods in. Default: one of the environment's own, `repave-NAME`. */
  namespace?: string;
  /**
   * Image references of warden stemcells, by OS and version, or by OS for repositories whose tags are versions. A reference with a digest stays what it is.
   *
   * @example
   * { "ubuntu-noble/1.484": "registry.example.com/stemcells/noble@sha256:6b1f...", "ubuntu-jammy": "registry.example.com/stemcells/jammy" }
   */
  stemcells: Readonly<Record<string, string>>;
  /** Secrets of the namespace with credentials for that registry. Default: none. */
  imagePullSecrets?: readonly string[];
  /** Default: `service`. */
  addresses?: PodAddresses;
  /** The deployer's way to the VMs. Default: it dials their addresses itself, from a Pod or with a route to them. */
  access?: AccessPath;
  /** Labels of the Pods that the deployer runs in, in any namespace: what the port rules allow its ranges, they allow these Pods. Default: none. */
  deployerPods?: Readonly<Record<string, string>>;
  /** Storage class of disk types and AZs that name none. Default: the default class. */
  storageClass?: string;
  /**
   * What a persistent disk that is no longer in the program needs to go: `protect` refuses until the protection is taken away,
   * `retain` leaves the claim behind, `delete` deletes it with its data. Default: `protect`.
   */
  persistentDisks?: "protect" | "retain" | "delete";
  /** Whether the VMs of a group may share a host when there are too few: `soft` lets them, `hard` leaves the VM unmade. Default: `soft`. */
  antiAffinity?: "soft" | "hard" | "none";
  /** Local environment where packages are compiled that no release brings compiled. Default: none, releases must be compiled ones. */
  compilation?: { localEnvironment: string };
}
