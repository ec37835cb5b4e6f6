import { EC2Client, type ResourceType, type Tag } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { S3Client } from "@aws-sdk/client-s3";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fields } from "../../stand-in/kind.ts";

const LONGEST_WAIT_MS = 120_000;
const POLL_MS = 50;

/** AWS's APIs as the provider asks them: patient with throttling and lost answers, and with a token on what must not happen twice. */
export class Clients {
  readonly region: string;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  readonly route53: Route53Client;

  /** Endpoint and credentials come from the environment, by Amazon's own names. */
  constructor(region: string) {
    this.region = region;
    const common = { region, maxAttempts: 8 };
    this.ec2 = new EC2Client(common);
    this.elb = new ElasticLoadBalancingV2Client(common);
    this.iam = new IAMClient(common);
    this.s3 = new S3Client({ ...common, forcePathStyle: true });
    this.route53 = new Route53Client(common);
  }

  /** Asks until the answer is one to go on with. */
  async until<T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    for (;;) {
      const answer = await ask();
      if (enough(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`timeout while waiting for state; last: ${JSON.stringify(answer)}`);
      await sleep(POLL_MS);
    }
  }
}

/** Whether an error says that the object is not there. */
export const isGone = (error: unknown): boolean => /NotFound|NoSuch|NoSuchEntity/.test((error as Error).name ?? "");

/** Deleting what is gone is done. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isGone(error)) throw error;
  });
}

export async function whether(ask: Promise<unknown>): Promise<boolean> {
  try {
    return (await ask) !== false;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

export const tagList = (tags: Fields | undefined): Tag[] => Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) }));

/** Tags that EC2 puts on an object as it makes it. */
export const tagged = (type: ResourceType, tags: Fields | undefined) => ({ TagSpecifications: tags && Object.keys(tags).length > 0 ? [{ ResourceType: type, Tags: tagList(tags) }] : [] });
