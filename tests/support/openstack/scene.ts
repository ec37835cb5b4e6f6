import { Deployment, Environment, type EnvironmentArgs, openstackIaas, type OpenstackIaasArgs } from "../../../components/index.ts";
import { cloudShopManifest, shopRelease } from "../component-scene.ts";
import { recordProgram, type RecordedRun, type RecordOptions } from "../recorded-program.ts";

const azs = ["z1", "z2", "z3"];
export const imageId = "0a1b2c3d-0000-4000-8000-000000000001";

export interface OpenstackScene {
  args?: Partial<OpenstackIaasArgs>;
  network?: object;
  vm?: object;
  disk?: object;
  balancer?: object;
  web?: object;
  config?: Record<string, string>;
  make?: RecordOptions["make"];
  environment?: Partial<EnvironmentArgs>;
}

/** Runs a program of one environment on OpenStack with two groups, one with disks, one behind a load balancer; nothing is made. */
export function runOnOpenstack({ args, network, vm, disk, balancer, web, config, make, environment: more }: OpenstackScene = {}): Promise<RecordedRun> {
  const load_balancer = { name: "web", port: 443, backend_port: 8443, health: { port: 8080, path: "/health", interval_ms: 1500, healthy: 3, unhealthy: 4 }, ...balancer };
  const cloudConfig = {
    azs: azs.map((name) => ({ name, cloud_properties: { availability_zone: `nova-${name}` } })),
    networks: [{ name: "default", type: "manual", subnets: azs.map((name, i) => ({ range: `10.0.${i + 1}.0/24`, gateway: `10.0.${i + 1}.1`, az: name, dns: ["10.0.0.2"], static: [`10.0.${i + 1}.230 - 10.0.${i + 1}.245`], cloud_properties: { ...network } })) }],
    vm_types: [{ name: "default", cloud_properties: { instance_type: "m1.small", ...vm } }],
    vm_extensions: [{ name: "lb", cloud_properties: { load_balancer } }],
    disk_types: [{ name: "default", disk_size: 10_000, cloud_properties: { ...disk } }],
    compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
  };
  return recordProgram(
    () => {
      const iaas = openstackIaas({ stemcells: { "ubuntu-noble/1.484": { imageId } }, ...args });
      const environment = new Environment("prod", { iaas, cloudConfig, deployerRanges: ["192.0.2.0/24"], ...more } as EnvironmentArgs);
      return new Deployment("shop", { environment, manifest: cloudShopManifest({ web }) as never }).instances;
    },
    {
      release: shopRelease,
      config,
      make,
      outputs: (type, name) => (type.startsWith("openstack:") ? { macAddress: `mac of ${name}`, vipAddress: "10.0.1.250", vipPortId: `vip port of ${name}`, device: `/dev/vdb of ${name}`, address: "198.51.100.7" } : {}),
    },
  );
}
