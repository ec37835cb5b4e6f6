import type * as pulumi from "@pulumi/pulumi";
import type { ResolvedLinks } from "../../director/links/index.ts";
import type { PlacedInstance } from "../../director/placement/index.ts";
import type { DueVms } from "../../director/rollout/repave-policy.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../../director/spec/deployment.ts";
import type { Wave } from "../../director/update/index.ts";
import type { RepaveConfig } from "../../director/update/repave-selection.ts";
import type { AgentAccess } from "../../provider/resources/connection.ts";
import type { Instance } from "../../provider/resources/instance.ts";
import type { Environment } from "../environment.ts";
import type { VmGroup } from "../iaas/port.ts";
import type { Catalog } from "./catalog.ts";
import type { Placed } from "./index.ts";
import type { InstanceRequests } from "./instance-requests.ts";
import type { Packages } from "./packages.ts";
import type { Variables } from "./variables.ts";

/** What the instances of a deployment are registered from. */
export interface InstancesArgs {
  spec: DeploymentSpec;
  cloud: CloudConfigSpec;
  environment: Environment;
  catalog: Catalog;
  links: ResolvedLinks;
  linksOf(group: string, job: string): Record<string, unknown>;
  placed: Placed;
  variables: Variables;
  packages: Packages;
  /** What stands for the DNS records of the deployment. */
  dns: pulumi.Output<string>;
  repave?: RepaveConfig;
  /** VMs that this run renews because their agents do not answer. */
  fix?: RepaveConfig;
  /** VMs that a policy calls too old now. */
  due: DueVms | undefined;
  parent: pulumi.Resource;
}

/** What one of them is registered from. */
export interface InstanceArgs extends InstancesArgs {
  requests: InstanceRequests;
  group: InstanceGroupSpec;
  vmGroup: VmGroup;
  instance: PlacedInstance;
  wave: Wave;
  before: pulumi.Resource[];
  /** What its VM waits for. */
  vmBefore: pulumi.Resource[];
  /** There may be only so many VMs beside the old ones. */
  bounded: boolean;
  /** No other instance waits for it. */
  last: boolean;
  parent: pulumi.Resource;
}

export interface RegisteredInstance {
  group: string;
  index: number;
  az: string | null;
  ip: string;
  resource: Instance;
  access: pulumi.Output<AgentAccess>;
  /** False for one that an operator has stopped or detached. */
  started: boolean;
  /** No other instance waits for it. */
  last: boolean;
}
