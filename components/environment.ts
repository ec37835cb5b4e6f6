import * as pulumi from "@pulumi/pulumi";
import { parseCloudConfig } from "../director/config/cloud-config.ts";
import { vmPortTable } from "../director/network/port-table.ts";
import type { RepavePolicy } from "../director/rollout/repave-policy.ts";
import { agentEpoch, versionsOf } from "../director/rotation/index.ts";
import { Certificate } from "../provider/resources/variable.ts";
import type { CertificateValue } from "../provider/resources/variable.ts";
import { credentialConfig } from "./credential-config.ts";
import { plainly } from "./deployment/failure.ts";
import type { DocumentSource } from "./deployment/read.ts";
import { readCloudConfigs } from "./environment/cloud-config.ts";
import { declareJumpbox, noDeployerRanges, type JumpboxOptions } from "./environment/jumpbox.ts";
import { subnetsOf } from "./environment/subnets.ts";
import type { AccessPath, Iaas, IaasAdapter } from "./iaas/port.ts";
import { tagsOf } from "./iaas/tags.ts";

const AGENT_CA = "agent_ca";
const AGENT_CA_DAYS = 3650;

/** Where it lives, and what it has: written as typed values or as a BOSH cloud config. */
export type EnvironmentArgs = {
  /** Where it lives: `localIaas()` or `openstackIaas(...)`. */
  iaas: IaasAdapter;
  /** Replace VMs by age under a plain update; a deployment may have a policy of its own. Default: VMs may grow old. */
  repavePolicy?: RepavePolicy;
  /** Ranges (CIDR) from which the deployer reaches agents and SSH. Default: the environment's own subnets, for a deployer or jumpbox inside. */
  deployerRanges?: readonly string[];
  /** A VM with a public address that leads the deployer to all others; needs `deployerRanges`. Default: the adapter's own way. */
  jumpbox?: JumpboxOptions;
} & (CloudArgs | CloudConfigArgs);

export interface CloudConfigArgs {
  /** A BOSH cloud config, or several that are put together: objects, YAML texts, or `{ file }`. */
  cloudConfig: DocumentSource | readonly DocumentSource[];
  /** Values for `((references))` in it. */
  vars?: Record<string, unknown>;
  /** BOSH vars files for the same, the later over the earlier. */
  varsFiles?: readonly DocumentSource[];
}

export interface CloudArgs {
  /**
   * The AZs with the range of the default network in each; one address of a range is the gateway (the first). Addresses and ranges that
   * are `reserved` no instance gets: those that the IaaS keeps for itself, such as `10.0.16.2 - 10.0.16.3` on AWS.
   */
  azs: { name: string; range: string; gateway?: string; reserved?: readonly string[]; cloudProperties?: Record<string, unknown>; drain?: boolean }[];
  /** Named VM sizes, as in a cloud config. Default: `default` without limits. */
  vmTypes?: Record<string, Record<string, unknown>>;
  /** Named additions to a VM, such as a load balancer in front of it. */
  vmExtensions?: Record<string, Record<string, unknown>>;
  /** Named disk sizes in MiB, with properties of the IaaS where they matter. Default: `default` of 1024. */
  diskTypes?: Record<string, number | { size: number; cloudProperties?: Record<string, unknown> }>;
}

/**
 * One platform on one IaaS account: networks, AZs, and the CA that every agent's certificate is checked against.
 *
 * @example
 * const environment = new Environment("local", {
 *   iaas: localIaas(),
 *   azs: [{ name: "z1", range: "10.244.1.0/24" }, { name: "z2", range: "10.244.2.0/24" }],
 * });
 * @example
 * const environment = new Environment("cf", { iaas: localIaas(), cloudConfig: { file: "cloud-config.yml" } });
 */
export class Environment extends pulumi.ComponentResource {
  /** Its name: tags of what it has on the IaaS. */
  readonly environmentName: string;
  readonly iaas: Iaas;
  readonly agentCa: pulumi.Output<CertificateValue>;
  /** Changes when the agents need credentials of another version of their CA. */
  readonly agentEpoch: string | undefined;
  readonly network: pulumi.Resource;
  /** The deployer's way to VMs, where it leads through a jumpbox. */
  readonly via: pulumi.Output<AccessPath> | undefined;
  /** The environment as a BOSH cloud config. */
  readonly cloudConfig: Record<string, unknown>;
  readonly repavePolicy: RepavePolicy | undefined;

  constructor(name: string, args: EnvironmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("repave:index:Environment", name, {}, opts);
    this.repavePolicy = args.repavePolicy;
    this.environmentName = name;
    this.cloudConfig = "cloudConfig" in args ? plainly(() => readCloudConfigs(args)) : cloudConfig(args);
    this.iaas = plainly(() => {
      const cloud = parseCloudConfig(this.cloudConfig);
      const subnets = subnetsOf(cloud);
      if (args.jumpbox !== undefined && args.deployerRanges === undefined) throw noDeployerRanges();
      const rules = vmPortTable(args.deployerRanges ?? subnets.map((subnet) => subnet.range));
      return args.iaas.open(name, { environment: name, azs: cloud.azs, subnets, rules, tags: tagsOf({ environment: name }) }, { parent: this });
    });
    this.network = this.iaas.network;
    const credentials = plainly(credentialConfig);
    const ca = new Certificate(
      `${name}-agent-ca`,
      { variable: AGENT_CA, signsAgents: true, ...versionsOf(AGENT_CA, AGENT_CA, credentials), options: { is_ca: true, common_name: `${name} agents`, key_length: 2048, duration: AGENT_CA_DAYS } },
      { parent: this },
    );
    this.agentCa = pulumi.all([ca.value, ca.versions]).apply(([value, versions]) => (versions ? { ...value, versions } : value));
    this.agentEpoch = agentEpoch(AGENT_CA, credentials);
    this.via = args.jumpbox && plainly(() => declareJumpbox(this, args.jumpbox!));
    this.registerOutputs();
  }
}

function cloudConfig(args: CloudArgs): Record<string, unknown> {
  const named = (entries: Record<string, Record<string, unknown>>) => Object.entries(entries).map(([name, properties]) => ({ name, cloud_properties: properties }));
  return {
    azs: args.azs.map((az) => ({ name: az.name, cloud_properties: az.cloudProperties ?? {}, ...(az.drain === undefined ? {} : { drain: az.drain }) })),
    vm_types: named(args.vmTypes ?? { default: {} }),
    vm_extensions: named(args.vmExtensions ?? {}),
    disk_types: Object.entries(args.diskTypes ?? { default: 1024 }).map(([name, type]) =>
      typeof type === "number" ? { name, disk_size: type } : { name, disk_size: type.size, cloud_properties: type.cloudProperties ?? {} },
    ),
    networks: [
      {
        name: "default",
        type: "manual",
        subnets: args.azs.map((az) => ({ range: az.range, gateway: az.gateway ?? firstAddress(az.range), az: az.name, dns: [], reserved: [...(az.reserved ?? [])] })),
      },
    ],
    compilation: { workers: 2, network: "default", az: args.azs[0]?.name ?? "", vm_type: "default", reuse_compilation_vms: true },
  };
}

function firstAddress(range: string): string {
  const base = range.split("/")[0] ?? "";
  return base.replace(/\d+$/, (last) => String(Number(last) + 1));
}
