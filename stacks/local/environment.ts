import * as pulumi from "@pulumi/pulumi";
import { Environment, localIaas } from "../../components/index.ts";

export const azs = ["z1", "z2", "z3"];

/** Three AZs on this machine, with a load balancer on 127.0.0.1. */
export function localEnvironment(): Environment {
  const config = new pulumi.Config();
  return new Environment(pulumi.getStack(), {
    iaas: localIaas(),
    azs: azs.map((name, i) => ({ name, range: `10.244.${i + 1}.0/24` })),
    vmTypes: { default: { memoryMiB: 512 } },
    vmExtensions: {
      "router-lb": {
        load_balancer: {
          name: "router",
          port: config.getNumber("port") ?? 0,
          backend_port: 80,
          health: { port: 8080, path: "/health", interval_ms: 300, healthy: 2, unhealthy: 2 },
        },
      },
    },
    diskTypes: { default: 1024 },
  });
}
