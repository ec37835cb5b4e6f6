import * as pulumi from "@pulumi/pulumi";
import { LocalDisk } from "../../../provider/resources/local-disk.ts";
import { LocalLoadBalancer } from "../../../provider/resources/local-load-balancer.ts";
import { LocalNetwork } from "../../../provider/resources/local-network.ts";
import { LocalVm } from "../../../provider/resources/local-vm.ts";
import { compilationSubnet } from "../../../provider/resources/local-network.ts";
import type { IaasAdapter } from "../port.ts";

const MBUS_PORT = 6868;

export interface LocalIaasArgs {
  /** Name of the local environment; two of them share nothing. Default: project and stack. */
  environment?: string;
}

/**
 * The local IaaS: VMs are process trees in Linux namespaces of this machine.
 *
 * @example
 * new Environment("local", { iaas: localIaas(), azs: [{ name: "z1", range: "10.244.1.0/24" }] });
 */
export function localIaas(args: LocalIaasArgs = {}): IaasAdapter {
  const environment = args.environment ?? `${pulumi.getProject()}-${pulumi.getStack()}`;
  return {
    name: "local",
    createNetwork: (name, subnets, opts) =>
      new LocalNetwork(
        name,
        { environment, network: "default", subnets: [...subnets.map((s) => ({ az: s.az, cidr: s.range, gateway: s.gateway })), compilationSubnet] },
        opts,
      ),
    createVm(name, vm, opts) {
      const cloud = vm.cloudProperties as { cpus?: number; memoryMiB?: number };
      const resource = new LocalVm(
        name,
        {
          environment,
          deployment: vm.deployment,
          group: vm.group,
          instanceId: vm.instanceId,
          slot: vm.slot,
          az: vm.az,
          ip: vm.ip,
          networks: vm.networks,
          resources: { cpus: cloud.cpus, memoryMiB: cloud.memoryMiB },
          stemcell: vm.stemcell,
          env: vm.env,
          disks: vm.disks,
          agentCa: vm.agentCa,
          agentEpoch: vm.agentEpoch,
          repaveBefore: vm.repaveBefore,
        },
        vm.hold ? pulumi.mergeOptions(opts, { ignoreChanges: ["resources", "stemcell", "env", "repaveBefore"] }) : opts,
      );
      const access = pulumi
        .all([resource.agentId, resource.mbusPassword, pulumi.output(vm.agentCa)])
        .apply(([agentId, password, ca]) => ({ via: { kind: "local" as const, environment }, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
      return { resource, cid: resource.cid, access: pulumi.secret(access) };
    },
    createDisk(name, disk, opts) {
      const resource = new LocalDisk(name, { environment, diskName: disk.diskName, sizeMiB: disk.sizeMiB }, opts);
      return { resource, cid: resource.cid };
    },
    createLoadBalancer(name, balancer, opts) {
      const resource = new LocalLoadBalancer(
        name,
        { environment, balancer: balancer.name, port: balancer.port, backends: balancer.backends, healthCheck: balancer.healthCheck },
        opts,
      );
      return { resource, url: resource.url };
    },
    compilation: () => ({ environment }),
  };
}
