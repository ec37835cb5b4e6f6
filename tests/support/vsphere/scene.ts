import { Deployment, Environment, vsphereIaas, type EnvironmentArgs, type VsphereIaasArgs } from "../../../components/index.ts";
import { cloudShopManifest, shopRelease } from "../component-scene.ts";
import { recordProgram, type RecordedRun } from "../recorded-program.ts";

const azs = ["z1", "z2", "z3"];

export interface VsphereScene {
  args?: Partial<VsphereIaasArgs>;
  /** By AZ; else each AZ is the pool `cf` of a cluster of its own. */
  az?: Record<string, object>;
  network?: object;
  vm?: object;
  disk?: object;
  diskMiB?: number;
  balancer?: object;
  web?: object;
  db?: object;
  environment?: Partial<Pick<EnvironmentArgs, "jumpbox" | "deployerRanges">>;
  config?: Record<string, string>;
  /** Gets each question that the program asks of the inventory. */
  questions?: string[];
}

/** Runs a program of one environment on vSphere with two groups, one with disks, one behind a load balancer; nothing is made. */
export function runOnVsphere({ args, az, network, vm, disk, diskMiB = 10_000, balancer, web, db, environment: more, config, questions = [] }: VsphereScene = {}): Promise<RecordedRun> {
  const load_balancer = { name: "web", port: 443, backend_port: 8443, health: { port: 8080 }, cloud_properties: { address: "10.0.1.250" }, ...balancer };
  const inCluster = (n: number) => ({ datacenters: [{ name: "dc", clusters: [{ [`cluster-${n}`]: { resource_pool: "cf" } }] }] });
  const cloudConfig = {
    azs: azs.map((name, i) => ({ name, cloud_properties: az?.[name] ?? inCluster(i + 1) })),
    networks: [{ name: "default", type: "manual", subnets: azs.map((name, i) => ({ range: `10.0.${i + 1}.0/24`, gateway: `10.0.${i + 1}.1`, az: name, dns: ["10.0.0.2"], static: [`10.0.${i + 1}.230 - 10.0.${i + 1}.245`], cloud_properties: { name: `vms-${name}`, ...network } })) }],
    vm_types: [{ name: "default", cloud_properties: { cpu: 2, ram: 4096, disk: 10_240, ...vm } }],
    vm_extensions: [{ name: "lb", cloud_properties: { load_balancer } }],
    disk_types: [{ name: "default", disk_size: diskMiB, cloud_properties: { ...disk } }],
    compilation: { workers: 1, network: "default", az: "z1", vm_type: "default", reuse_compilation_vms: true },
  };
  return recordProgram(
    () => {
      const iaas = vsphereIaas({ stemcells: { "ubuntu-noble/1.484": { template: "noble" } }, datastore: "vsan", ...args });
      const environment = new Environment("prod", { iaas, cloudConfig, deployerRanges: ["192.0.2.0/24"], ...more });
      return new Deployment("shop", { environment, manifest: cloudShopManifest({ web, db }) as never }).instances;
    },
    {
      release: shopRelease,
      config,
      outputs: (type, name) => (type.startsWith("vsphere:") ? { moid: `moid of ${name}` } : {}),
      answer(token, inputs) {
        if (!token.startsWith("vsphere:index/")) return undefined;
        const question = token.split(":")[2]!;
        questions.push(`${question} ${inputs["name"]}`);
        return { ...inputs, id: `${question.slice(3)} ${inputs["name"]}`, resourcePoolId: `root pool of ${inputs["name"]}`, guestId: `guest of ${inputs["name"]}` };
      },
    },
  );
}
