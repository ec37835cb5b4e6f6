import { awsIaas, type IaasAdapter } from "../../components/index.ts";
import { sayInPreview } from "../notes.ts";
import { awsStackSettings, type AwsStackSettings } from "./settings.ts";

/** Sizes of cf-deployment's VM types, as its own tooling for AWS has them. */
const instanceTypes: Readonly<Record<string, string>> = {
  minimal: "t3a.small",
  small: "t3a.medium",
  "small-highmem": "r5a.large",
  "small-50GB": "t3a.medium",
  "small-50GB-ephemeral-disk": "t3a.medium",
  "small-highmem-100GB": "r5a.large",
  "small-highmem-100GB-ephemeral-disk": "r5a.large",
  medium: "m5a.xlarge",
  large: "m5a.2xlarge",
};
const EPHEMERAL_MIB = 20_480;
const sizesGiB: Readonly<Record<string, number>> = { "1GB": 1, "5GB": 5, "10GB": 10, "50GB": 50, "100GB": 100, "500GB": 500, "1TB": 1024 };

/** Cloud Foundry's surroundings on AWS, from `iaas:…` of the stack's configuration. */
export function awsSurroundings(): { iaas: IaasAdapter; cloudConfig: Record<string, unknown>; deployerRanges: string[] | undefined } {
  const settings = awsStackSettings();
  const { accessCommand, region, vpcId, vpcRange, publicSubnets, nat, endpoints, stemcells, hostedZone, keyName, kmsKeyArn, buckets, persistentDisks } = settings;
  const access = accessCommand === undefined ? undefined : { kind: "command" as const, argv: accessCommand };
  // In a given VPC the ways out are there already.
  const surroundings = vpcId === undefined ? { vpc: { cidr: vpcRange, publicRanges: publicSubnets }, nat, endpoints } : { vpc: { id: vpcId, publicSubnets } };
  const iaas = awsIaas({ region, ...surroundings, stemcells, hostedZone, keyName, kmsKeyArn, buckets, persistentDisks, access });
  sayInPreview(awsNotes(settings));
  return { iaas, cloudConfig: cloudConfig(settings), deployerRanges: settings.deployerRanges };
}

/** What costs by the hour, and the account's limits that are met first. */
export function awsNotes({ vpcId, nat, ranges, endpoints, tcpPorts }: AwsStackSettings): string[] {
  const azs = Object.keys(ranges).length;
  const gateways = vpcId !== undefined || nat === "none" ? 0 : nat === "single" ? 1 : azs;
  const byHour = ["each VM and its disks", `${gateways} NAT gateway(s), by the hour and by the GB`, "3 network load balancers", `${endpoints.filter((e) => e !== "s3").length * azs} interface endpoint(s)`];
  return [
    `AWS charges for: ${byHour.join("; ")}. Traffic between AZs costs too.`,
    `Limits to look at first (aws service-quotas): vCPUs of running on-demand Standard instances (L-1216C47A), ${gateways} of 5 elastic IPs, 50 listeners of a network load balancer (TCP routes take ${tcpPorts.last - tcpPorts.first + 1}), 5 security groups and 60 rules.`,
  ];
}

function cloudConfig(settings: AwsStackSettings): Record<string, unknown> {
  const { region, ranges, tcpPorts, certificateArn, hostedZone, systemDomain } = settings;
  const azs = Object.keys(ranges);
  const zone = (az: string, i: number) => settings.availabilityZones?.[az] ?? `${region}${"abcdef"[i]}`;
  const names = (...labels: string[]) => (hostedZone === undefined || systemDomain === undefined ? {} : { dns_names: labels.map((label) => `${label}.${systemDomain}`) });
  const tls = certificateArn === undefined ? {} : { certificate_arn: certificateArn };
  const balancers: Record<string, object> = {
    "cf-router-network-properties": { name: "router", port: 443, backend_port: certificateArn === undefined ? 443 : 80, ...names("*"), cloud_properties: { ...tls, listeners: [{ port: 80 }] }, health: { protocol: "http", port: 8080, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 3 } },
    "diego-ssh-proxy-network-properties": { name: "ssh", port: 2222, backend_port: 2222, ...names("ssh"), health: { protocol: "tcp", port: 2222, interval_ms: 6000, healthy: 2, unhealthy: 3 } },
    "cf-tcp-router-network-properties": { name: "tcp", port: tcpPorts.first, backend_port: tcpPorts.first, ...names("tcp"), cloud_properties: { port_range: tcpPorts }, health: { protocol: "http", port: 80, path: "/health", interval_ms: 5000, healthy: 2, unhealthy: 3 } },
  };
  const types = { ...instanceTypes, ...settings.instanceTypes };
  return {
    azs: azs.map((name, i) => ({ name, cloud_properties: { availability_zone: zone(name, i) } })),
    vm_types: Object.entries(types).map(([name, instance_type]) => ({ name, cloud_properties: { instance_type, ephemeral_disk: { size: EPHEMERAL_MIB } } })),
    vm_extensions: [
      ...Object.entries(sizesGiB).map(([name, gib]) => ({ name: `${name}_ephemeral_disk`, cloud_properties: { ephemeral_disk: { size: gib * 1024 } } })),
      ...Object.entries(balancers).map(([name, load_balancer]) => ({ name, cloud_properties: { load_balancer } })),
      { name: "cf-haproxy-network-properties" },
    ],
    disk_types: Object.entries(sizesGiB).map(([name, gib]) => ({ name, disk_size: gib * 1024 })),
    networks: [{ name: "default", type: "manual", subnets: azs.map((az) => subnet(az, ranges[az]!)) }],
    compilation: { workers: 2, reuse_compilation_vms: true, az: azs[0], vm_type: "small", network: "default" },
  };
}

/** AWS's own: router, resolver and two more at the beginning, and the last address. */
function subnet(az: string, range: string): object {
  const [first = "", bits = "32"] = range.split("/");
  const at = first.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const text = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
  // The last is the broadcast address, which nobody is given.
  return { az, range: `${first}/${bits}`, gateway: text(at + 1), dns: [], reserved: [`${text(at + 2)} - ${text(at + 3)}`] };
}
