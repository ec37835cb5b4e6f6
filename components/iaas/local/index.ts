import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import { LocalBackends } from "../../../provider/resources/local-backends.ts";
import { LocalDisk } from "../../../provider/resources/local-disk.ts";
import { LocalLoadBalancer } from "../../../provider/resources/local-load-balancer.ts";
import { compilationSubnet, LocalNetwork } from "../../../provider/resources/local-network.ts";
import { LocalVm } from "../../../provider/resources/local-vm.ts";
import type { IaasAdapter, LoadBalancerArgs } from "../port.ts";
import { localSubnets } from "./subnets.ts";

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
    open(name, { subnets }, opts) {
      // A namespace of its own that only this machine reaches: there is nobody whom the port rules would keep out.
      const network = new LocalNetwork(`${name}-network`, { environment, network: "default", subnets: [...localSubnets(subnets), compilationSubnet] }, opts);
      return {
        name: "local",
        movesDisks: true,
        network,
        stemcell: ({ os, version }) => ({ os, version, image: pulumi.output(`${os}/${version}`) }),
        vmGroup: () => ({ complete() {} }),
        createVm(vmName, vm, vmOpts) {
          const cloud = vm.cloudProperties as { cpus?: number; memoryMiB?: number };
          const resource = new LocalVm(
            vmName,
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
              stemcell: { os: vm.stemcell.os, version: vm.stemcell.version },
              env: vm.env,
              disks: vm.disks.map((disk) => disk.cid),
              agentCa: vm.agentCa,
              agentEpoch: vm.agentEpoch,
              repaveBefore: vm.repaveBefore,
            },
            vm.hold ? pulumi.mergeOptions(vmOpts, { ignoreChanges: ["resources", "stemcell", "env", "repaveBefore"] }) : vmOpts,
          );
          const access = pulumi
            .all([resource.agentId, resource.mbusPassword, pulumi.output(vm.agentCa)])
            .apply(([agentId, password, ca]) => ({ via: { kind: "local" as const, environment }, ip: vm.ip, port: MBUS_PORT, agentId, password, ca: ca.certificate }));
          return { resource, cid: resource.cid, access: pulumi.secret(access), hints: vm.disks.map((disk) => disk.cid.apply((cid) => `/var/vcap/devices/${cid}`)) };
        },
        createDisk(diskName, disk, diskOpts) {
          const { deployment, group, instanceId, az, sizeMiB, attach } = disk;
          const cloudProperties = Object.keys(disk.cloudProperties).length > 0 ? disk.cloudProperties : undefined;
          const resource = new LocalDisk(diskName, { environment, diskName: disk.diskName, sizeMiB, cloudProperties, deployment, group, instanceId, az, attach }, diskOpts);
          return { resource, cid: resource.cid };
        },
        createLoadBalancer(balancerName, balancer, balancerOpts) {
          const backends = balancer.backends.map(({ ip, port }) => ({ ip, port }));
          const common = { environment, balancer: balancer.name, backends, healthCheck: httpCheck(balancer) };
          const resource = new LocalLoadBalancer(balancerName, { ...common, port: balancer.port, overlap: balancer.overlap || undefined }, balancerOpts);
          const settle = (opts: pulumi.CustomResourceOptions) => void new LocalBackends(balancerName, { ...common, changedAt: resource.changedAt }, opts);
          return { resource, url: resource.url, settle };
        },
        compilation: () => ({ environment }),
      };
    },
  };
}

function httpCheck({ name, healthCheck: { protocol, ...check } }: LoadBalancerArgs): object {
  if (protocol === "http") return check;
  throw new IaasError("iaas.cloud-property", `The load balancer '${name}' asks for a TCP health check, which the local IaaS has not`, { method: "create_load_balancer", hint: "give it 'health: { protocol: http, path: ... }'" });
}
