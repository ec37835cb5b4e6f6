import type * as pulumi from "@pulumi/pulumi";
import type { OpenArgs } from "../port.ts";
import type { KubernetesIaasArgs } from "./options.ts";
import type { Kubernetes } from "./sdk.ts";

/** What every part of an environment has at hand. */
export interface Shared {
  sdk: Kubernetes;
  /** Name of the environment's resources. */
  name: string;
  args: KubernetesIaasArgs;
  open: OpenArgs;
  namespace: pulumi.Output<string>;
  provider: pulumi.ProviderResource | undefined;
}

/** Annotations that tell the provider not to wait by its own rules: it would wait for jobs that wait for the VM. */
export const notWaiting = { "pulumi.com/skipAwait": "true" };
export const untilRuns = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Running" };
export const untilAddressed = { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}" };
