import { CreateVolumeCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import path from "node:path";
import { CloudPlatform, type CloudProgram } from "../stand-in/platform.ts";
import { AwsCloud } from "./cloud.ts";
import { Inventory } from "./inventory.ts";

const region = "eu-central-1";

/** AWS as moto simulates it, with our stand-in plugin. */
export class AwsPlatform extends CloudPlatform {
  readonly cloud: AwsCloud;
  readonly #python: string;

  /** @param python one that has moto */
  constructor(name: string, python: string) {
    super(name, "10.97", { name: "aws", entry: path.join(__dirname, "plugin", "main.ts"), external: ["@aws-sdk/*"] });
    this.#python = python;
    this.cloud = new AwsCloud(this.guests);
  }

  protected startCloud(): Promise<void> {
    return this.cloud.start(this.#python);
  }

  protected closeCloud(): Promise<void> {
    return this.cloud.stop();
  }

  protected get cloudEnvironment(): Record<string, string> {
    return this.cloud.environment;
  }

  protected program(): CloudProgram {
    const iaas = {
      region,
      vpc: { cidr: "10.97.0.0/16", publicRanges: { z1: "10.97.101.0/24", z2: "10.97.102.0/24", z3: "10.97.103.0/24" } },
      nat: "per-az",
      endpoints: ["s3"],
      // Both are among moto's own.
      stemcells: { "local/1": "ami-03cf127a", "local/2": { [region]: "ami-12c6146b" } },
      // moto has no placement groups.
      antiAffinity: "none",
      buckets: ["droplets"],
    };
    const reserved = (cidr: string) => [2, 3].map((last) => cidr.replace("0/24", String(last)));
    return { adapter: "awsIaas", iaas, az: (n) => ({ availability_zone: `${region}${"abc"[n]}` }), vm: { instance_type: "m5.large" }, balancer: { port: 80 }, subnet: ({ cidr }) => ({ reserved: reserved(cidr) }) };
  }

  /** Ends an instance as somebody else would. */
  async terminate(id: string): Promise<void> {
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  }

  /** Makes a volume of the environment's that no state knows; gives its id. */
  async strayVolume(): Promise<string> {
    const tags = { environment: "env", deployment: "dep", instance_group: "db", id: "gone", Name: "dep-db-gone" };
    const made = await this.#ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${region}a`, Size: 1, TagSpecifications: [{ ResourceType: "volume", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }] }));
    return made.VolumeId!;
  }

  get #ec2(): EC2Client {
    return new EC2Client({ region, endpoint: this.cloud.environment["AWS_ENDPOINT_URL"]!, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  }

  inventory(): Promise<Inventory> {
    return Inventory.take(this.cloud.environment);
  }
}
