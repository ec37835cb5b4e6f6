import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";

/** All there is in the account, by way of its own APIs. */
export class Inventory {
  readonly instances: readonly ec2.Instance[];
  readonly volumes: readonly ec2.Volume[];
  readonly interfaces: readonly ec2.NetworkInterface[];
  readonly targets: readonly string[];
  /** `kind id` of everything else that was made, and of the above. */
  readonly all: readonly string[];

  private constructor(found: Pick<Inventory, "instances" | "volumes" | "interfaces" | "targets" | "all">) {
    ({ instances: this.instances, volumes: this.volumes, interfaces: this.interfaces, targets: this.targets, all: this.all } = found);
  }

  static async take(environment: Record<string, string>): Promise<Inventory> {
    const common = { region: environment["AWS_REGION"]!, endpoint: environment["AWS_ENDPOINT_URL"]!, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    const [vms, balancers, identities, store] = [new ec2.EC2Client(common), new elb.ElasticLoadBalancingV2Client(common), new iam.IAMClient(common), new s3.S3Client({ ...common, forcePathStyle: true })];
    const { Reservations = [] } = await vms.send(new ec2.DescribeInstancesCommand({}));
    const instances = Reservations.flatMap((r) => r.Instances ?? []).filter((i) => i.State?.Name !== "terminated");
    const { Volumes: volumes = [] } = await vms.send(new ec2.DescribeVolumesCommand({}));
    const { NetworkInterfaces = [] } = await vms.send(new ec2.DescribeNetworkInterfacesCommand({}));
    // moto keeps those of NAT gateways that are gone.
    const interfaces = NetworkInterfaces.filter((i) => i.TagSet?.some((tag) => tag.Key === "environment"));
    const { Vpcs = [] } = await vms.send(new ec2.DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["false"] }] }));
    const { Subnets = [] } = await vms.send(new ec2.DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["false"] }] }));
    const { SecurityGroups = [] } = await vms.send(new ec2.DescribeSecurityGroupsCommand({}));
    const { NatGateways = [] } = await vms.send(new ec2.DescribeNatGatewaysCommand({}));
    const { Addresses = [] } = await vms.send(new ec2.DescribeAddressesCommand({}));
    const { InternetGateways = [] } = await vms.send(new ec2.DescribeInternetGatewaysCommand({}));
    const { VpcEndpoints = [] } = await vms.send(new ec2.DescribeVpcEndpointsCommand({}));
    const { LoadBalancers = [] } = await balancers.send(new elb.DescribeLoadBalancersCommand({}));
    const { TargetGroups = [] } = await balancers.send(new elb.DescribeTargetGroupsCommand({}));
    const health = await Promise.all(TargetGroups.map(({ TargetGroupArn }) => balancers.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn }))));
    const { Roles = [] } = await identities.send(new iam.ListRolesCommand({}));
    const { InstanceProfiles = [] } = await identities.send(new iam.ListInstanceProfilesCommand({}));
    const { Buckets = [] } = await store.send(new s3.ListBucketsCommand({}));
    const kinds: Record<string, (string | undefined)[]> = {
      instance: instances.map((i) => i.InstanceId),
      volume: volumes.map((v) => v.VolumeId),
      interface: interfaces.map((i) => i.NetworkInterfaceId),
      vpc: Vpcs.map((v) => v.VpcId),
      subnet: Subnets.map((s) => s.SubnetId),
      "security group": SecurityGroups.filter((g) => g.GroupName !== "default").map((g) => g.GroupName),
      nat: NatGateways.filter((n) => n.State !== "deleted").map((n) => n.NatGatewayId),
      address: Addresses.map((a) => a.AllocationId),
      gateway: InternetGateways.map((g) => g.InternetGatewayId),
      endpoint: VpcEndpoints.filter((e) => String(e.State) !== "deleted").map((e) => e.VpcEndpointId),
      "load balancer": LoadBalancers.map((l) => l.LoadBalancerName),
      "target group": TargetGroups.map((t) => t.TargetGroupName),
      role: Roles.map((r) => r.RoleName),
      profile: InstanceProfiles.map((p) => p.InstanceProfileName),
      bucket: Buckets.map((b) => b.Name),
    };
    const targets = health.flatMap((h) => h.TargetHealthDescriptions ?? []).map((t) => t.Target?.Id ?? "");
    return new Inventory({ instances, volumes, interfaces, targets, all: Object.entries(kinds).flatMap(([kind, ids]) => ids.map((id) => `${kind} ${id}`)) });
  }
}
