import { IaasError } from "../../../director/core/errors.ts";
import { MBUS_PORT } from "../../../director/network/port-table.ts";
import type { VmArgs } from "../port.ts";
import { readProperties, type VmProperties } from "./cloud-properties.ts";
import { selectorOf } from "./names.ts";
import type { KubernetesIaasArgs, PodAddresses } from "./options.ts";
import type { PodFacts, Probe } from "./pod.ts";

/** A tenth of a second of patience is too little for kubelets: their shortest is a second. */
const agentProbe: Probe = { protocol: "tcp", port: MBUS_PORT, path: "", intervalMs: 2000, healthyThreshold: 1, unhealthyThreshold: 3 };
const presets: Record<string, Record<string, string>> = {
  calico: { "cni.projectcalico.org/ipAddrs": '["((ip))"]' },
  "kube-ovn": { "ovn.kubernetes.io/ip_address": "((ip))" },
};

export interface VmFacts {
  properties: VmProperties;
  /** All of the Pod's facts that are known without another resource. */
  pod: Omit<PodFacts, "image" | "disks">;
}

/** What the cloud config and the environment's options make of a VM. */
export function vmFacts(environment: string, args: KubernetesIaasArgs, vm: VmArgs): VmFacts {
  const whose = `${vm.group}/${vm.instanceId}`;
  const properties = readProperties<VmProperties>("vm_types", `VM type of ${whose}`, vm.cloudProperties);
  const [network, ...others] = Object.values(vm.networks);
  if (network?.type !== "manual" || others.length > 0) {
    throw new IaasError("iaas.network", `${whose} is not on one manual network: a Pod has one interface, and its instance keeps the address`, { method: "create_vm", details: { networks: Object.keys(vm.networks) }, hint: "give the instance group one network of type manual" });
  }
  const antiAffinity = args.antiAffinity ?? "soft";
  return {
    properties,
    pod: {
      imagePullSecrets: args.imagePullSecrets ?? [],
      staticIp: (args.addresses ?? "service") === "service" ? vm.ip : undefined,
      addressing: addressing(args.addresses ?? "service", vm.ip),
      hosts: hostLabels(properties),
      ...quantities(properties),
      ephemeralMiB: properties.ephemeral_disk?.size,
      probe: probeOf(properties),
      spread: antiAffinity === "none" ? undefined : { labels: selectorOf({ environment, deployment: vm.deployment, group: vm.group }), hard: antiAffinity === "hard" },
      tolerations: properties.tolerations ?? [],
      priorityClass: properties.priority_class,
      runtimeClass: properties.runtime_class,
    },
  };
}

function addressing(addresses: PodAddresses, ip: string): Record<string, string> {
  const wanted = addresses === "service" ? {} : typeof addresses === "string" ? presets[addresses]! : addresses.annotations;
  return Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, value.replaceAll("((ip))", ip)]));
}

function hostLabels({ region, zone, node_labels }: VmProperties): Record<string, string> {
  return { ...(region === undefined ? {} : { "topology.kubernetes.io/region": region }), ...(zone === undefined ? {} : { "topology.kubernetes.io/zone": zone }), ...node_labels };
}

function quantities({ cpus, memoryMiB, resources }: VmProperties): { requests: Record<string, string>; limits: Record<string, string> } {
  const size = { ...(cpus === undefined ? {} : { cpu: String(cpus) }), ...(memoryMiB === undefined ? {} : { memory: `${memoryMiB}Mi` }) };
  const texts = (given: Record<string, string | number> = {}) => Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
  return { requests: { ...size, ...texts(resources?.requests) }, limits: { ...size, ...texts(resources?.limits) } };
}

/** Ready is who a load balancer sends to: its health check where there is one, else an agent that listens. */
function probeOf({ load_balancer: balancer }: VmProperties): Probe {
  const health = balancer?.["health"] as { protocol?: "http" | "tcp"; port: number; path?: string; interval_ms?: number; healthy?: number; unhealthy?: number } | undefined;
  if (health === undefined) return agentProbe;
  return { protocol: health.protocol ?? "http", port: health.port, path: health.path ?? "/health", intervalMs: health.interval_ms ?? 1000, healthyThreshold: health.healthy ?? 2, unhealthyThreshold: health.unhealthy ?? 2 };
}
