import { Deployment, Environment, type CloudConfigArgs, type EnvironmentArgs } from "../../../components/index.ts";
import { awsIaas, type AwsIaasArgs } from "../../../components/iaas/aws/index.ts";
import { cloudShopManifest, shopRelease } from "../component-scene.ts";
import { recordProgram, type RecordedRun } from "../recorded-program.ts";

export const region = "eu-central-1";

export const awsArgs: AwsIaasArgs = {
  region,
  vpc: { cidr: "10.0.0.0/16", publicRanges: { z1: "10.0.1.0/24", z2: "10.0.2.0/24", z3: "10.0.3.0/24" } },
  nat: "per-az",
  stemcells: { "ubuntu-noble/1.484": { [region]: "ami-0123456789abcdef0" } },
};

export interface CloudSketch {
  az?: object;
  network?: object;
  vm?: object;
  extension?: object;
  disk?: object;
}

/** A cloud config for AWS; what is given comes on top of its cloud properties. */
export function awsCloud({ az, network, vm, extension, disk }: CloudSketch = {}): Record<string, unknown> {
  const azs = ["z1", "z2", "z3"];
  return {
    azs: azs.map((name, i) => ({ name, cloud_properties: { availability_zone: `${region}${"abc"[i]}`, ...az } })),
    networks: [
      {
        name: "default",
        type: "manual",
        subnets: azs.map((name, i) => {
          const block = `10.0.${16 * (i + 1)}`;
          return { range: `${block}.0/20`, gateway: `${block}.1`, az: name, dns: ["10.0.0.2"], reserved: [`${block}.2 - ${block}.3`], cloud_properties: { ...network } };
        }),
      },
    ],
    vm_types: [{ name: "default", cloud_properties: { instance_type: "m5.large", ...vm } }],
    vm_extensions: [{ name: "lb", cloud_properties: { ...extension } }],
    disk_types: [{ name: "default", disk_size: 10_000, cloud_properties: { ...disk } }],
    compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
  };
}

export const webBalancer = {
  load_balancer: { name: "web", port: 80, backend_port: 8080, health: { port: 8081, path: "/health", interval_ms: 500, healthy: 2, unhealthy: 3 } },
};

export interface AwsScene {
  args?: Partial<AwsIaasArgs>;
  cloud?: CloudSketch;
  web?: object;
  db?: object;
  config?: Record<string, string>;
  environment?: Partial<EnvironmentArgs>;
}

/** Runs a program of one environment on AWS and one deployment; nothing is made. */
export function runOnAws({ args, cloud, web, db, config = {}, environment: more }: AwsScene = {}): Promise<RecordedRun> {
  return recordProgram(
    () => {
      const cloudArgs: CloudConfigArgs = { cloudConfig: awsCloud({ extension: webBalancer, ...cloud }) };
      const environment = new Environment("prod", { iaas: awsIaas({ ...awsArgs, ...args }), ...cloudArgs, ...more } as EnvironmentArgs);
      return new Deployment("shop", { environment, manifest: cloudShopManifest({ web, db }) as never }).instances;
    },
    { release: shopRelease, config, outputs: (type, name) => (type.startsWith("aws:") ? { arn: `arn of ${name}`, dnsName: `${name}.elb.example`, zoneId: "Z0", macAddress: `mac of ${name}`, publicIp: "198.51.100.7", name: `name of ${name}` } : {}) },
  );
}
