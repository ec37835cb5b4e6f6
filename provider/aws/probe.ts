import { messageOf } from "../../director/core/errors.ts";

/** One line of `repave doctor --iaas aws`. */
export interface AwsCheck {
  name: string;
  ok: boolean;
  /** Whether an environment can be made without it. */
  required: boolean;
  found: string;
  fix: string;
}

type Ec2 = typeof import("@aws-sdk/client-ec2");
type Ec2Client = InstanceType<Ec2["EC2Client"]>;

const WANTED_ZONES = 3;
const WAIT_MS = 10_000;
/** Elastic IPs that NAT gateways of three AZs take. */
const WANTED_ADDRESSES = 3;

/** Whether the account that Amazon's own variables and profiles name can carry an environment: credentials, zones, permissions, addresses. */
export async function probeAws(env: NodeJS.ProcessEnv): Promise<AwsCheck[]> {
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (region === undefined) return [{ name: "AWS region", ok: false, required: true, found: "none", fix: "set AWS_REGION to the environment's region" }];
  let sdk: Ec2;
  try {
    sdk = await import("@aws-sdk/client-ec2");
  } catch {
    return [{ name: "AWS SDK", ok: false, required: false, found: "@aws-sdk/client-ec2 is not installed, so nothing was asked", fix: "npm install @aws-sdk/client-ec2" }];
  }
  const ec2 = new sdk.EC2Client({ region, maxAttempts: 3, requestHandler: { requestTimeout: WAIT_MS, connectionTimeout: WAIT_MS } });
  let zones: string[];
  try {
    const { AvailabilityZones = [] } = await ec2.send(new sdk.DescribeAvailabilityZonesCommand({}));
    zones = AvailabilityZones.filter((zone) => zone.State === "available").map((zone) => zone.ZoneName ?? "");
  } catch (error) {
    const why = `${(error as Error).name}: ${messageOf(error)}`;
    return [{ name: "AWS credentials", ok: false, required: true, found: why, fix: `set AWS_PROFILE or AWS_ACCESS_KEY_ID, and see whether this machine reaches EC2 in ${region}` }];
  }
  return [
    { name: "AWS credentials", ok: true, required: true, found: `EC2 answers in ${region}`, fix: "" },
    { name: "AWS zones", ok: zones.length >= WANTED_ZONES, required: false, found: zones.join(", "), fix: "quorums want three AZs: take a region with as many" },
    ...(await permissionChecks(sdk, ec2, zones[0] ?? `${region}a`)),
    await addressCheck(sdk, ec2),
  ];
}

/** EC2 says whether it would, and does nothing. */
async function permissionChecks(sdk: Ec2, ec2: Ec2Client, zone: string): Promise<AwsCheck[]> {
  const asked: [string, () => Promise<unknown>][] = [
    ["ec2:CreateVpc", () => ec2.send(new sdk.CreateVpcCommand({ CidrBlock: "10.0.0.0/16", DryRun: true }))],
    ["ec2:CreateVolume", () => ec2.send(new sdk.CreateVolumeCommand({ AvailabilityZone: zone, Size: 1, DryRun: true }))],
    ["ec2:AllocateAddress", () => ec2.send(new sdk.AllocateAddressCommand({ Domain: "vpc", DryRun: true }))],
    ["ec2:CreateInternetGateway", () => ec2.send(new sdk.CreateInternetGatewayCommand({ DryRun: true }))],
  ];
  return Promise.all(
    asked.map(async ([action, ask]): Promise<AwsCheck> => {
      const answer = await ask().then(
        () => "DryRunOperation",
        (error: unknown) => (error as Error).name,
      );
      const ok = answer === "DryRunOperation";
      return { name: action, ok, required: true, found: ok ? "allowed" : answer, fix: "give the deployer's user or role this action" };
    }),
  );
}

async function addressCheck(sdk: Ec2, ec2: Ec2Client): Promise<AwsCheck> {
  try {
    const { AccountAttributes = [] } = await ec2.send(new sdk.DescribeAccountAttributesCommand({ AttributeNames: ["vpc-max-elastic-ips" as never] }));
    const limit = Number(AccountAttributes.find((a) => a.AttributeName === "vpc-max-elastic-ips")?.AttributeValues?.[0]?.AttributeValue);
    const { Addresses = [] } = await ec2.send(new sdk.DescribeAddressesCommand({}));
    const free = limit - Addresses.length;
    return { name: "elastic IPs", ok: free >= WANTED_ADDRESSES, required: false, found: `${free} of ${limit} free`, fix: "a NAT gateway in each AZ needs one: ask for more, or use `nat: \"single\"`" };
  } catch (error) {
    return { name: "elastic IPs", ok: false, required: false, found: messageOf(error), fix: "give the deployer ec2:DescribeAccountAttributes and ec2:DescribeAddresses" };
  }
}
