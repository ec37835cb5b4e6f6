import * as pulumi from "@pulumi/pulumi";
import type { Iaas, IaasAdapter } from "../../../../components/iaas/port.ts";
import type { AgentAccess } from "../../../../provider/resources/connection.ts";
import { NETWORK_TOKEN, VM_TOKEN } from "./vm-kind.ts";

class FakeResource extends pulumi.CustomResource {
  declare readonly cid: pulumi.Output<string>;
  declare readonly agentId: pulumi.Output<string>;
  declare readonly mbusPassword: pulumi.Output<string>;
  declare readonly port: pulumi.Output<number>;
}

const outputs = { cid: undefined, createdAt: undefined, agentId: undefined, mbusPassword: undefined, port: undefined };

/** The adapter of the fake IaaS: for benches only. */
export function fakeIaas(): IaasAdapter {
  return {
    name: "fake",
    open: (name, { subnets }, opts) => fakeEnvironment(new FakeResource(NETWORK_TOKEN, `${name}-network`, { name: `${name}-network`, subnets }, opts)),
  };
}

function fakeEnvironment(network: pulumi.Resource): Iaas {
  return {
    name: "fake",
    network,
    stemcell: ({ os, version }) => ({ os, version, image: pulumi.output(`${os}/${version}`) }),
    vmGroup: () => ({ complete() {} }),
    createVm(name, vm, opts) {
      const { slot, az, ip, networks, cloudProperties, env, agentCa, repaveBefore } = vm;
      const stemcell = { os: vm.stemcell.os, version: vm.stemcell.version };
      const inputs = { slot, az, ip, networks, cloudProperties, stemcell, env, agentCa, repaveBefore, ...outputs };
      const resource = new FakeResource(VM_TOKEN, name, inputs, pulumi.mergeOptions({ additionalSecretOutputs: ["mbusPassword"] }, opts));
      const access = pulumi
        .all([resource.agentId, resource.mbusPassword, resource.port, pulumi.output(agentCa)])
        .apply(([agentId, password, port, ca]): AgentAccess => ({ via: { kind: "direct" }, ip: "127.0.0.1", port, agentId, password, ca: ca.certificate }));
      return { resource, cid: resource.cid, access: pulumi.secret(access), hints: [] };
    },
    createDisk: () => {
      throw new Error("the fake IaaS has no disks");
    },
    createLoadBalancer: () => {
      throw new Error("the fake IaaS has no load balancers");
    },
    compilation: () => ({ environment: "none" }),
  };
}
