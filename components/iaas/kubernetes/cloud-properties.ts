import { z } from "zod";
import { count, propertyReader, text, texts, type PropertyRule } from "../property-rules.ts";

const named = z.record(z.string(), z.string());
const port = z.number().int().min(1).max(65535);
const protocol = z.string().regex(/^(tcp|udp)$/i, "is tcp or udp");
const ports = z.union([port, z.string().regex(/^\d+(-\d+)?$/, "is a port or a range of them")]);
const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

/** Every key of the two Kubernetes CPIs, and those of ours. The page of cloud properties is made from this list. */
export const propertyRules: readonly PropertyRule[] = [
  { place: "azs", key: "region", schema: text, becomes: "node selector `topology.kubernetes.io/region`" },
  { place: "azs", key: "zone", schema: text, becomes: "node selector `topology.kubernetes.io/zone`" },
  { place: "azs", key: "node_labels", schema: named, becomes: "further node selectors" },
  { place: "azs", key: "storage_class", schema: text, becomes: "storage class of the AZ's disks, where a class is bound to a zone" },
  { place: "vm_types", key: "region", schema: text, becomes: "as of an AZ, over it" },
  { place: "vm_types", key: "zone", schema: text, becomes: "as of an AZ, over it" },
  { place: "vm_types", key: "node_labels", schema: named, becomes: "as of an AZ, instead of it" },
  { place: "vm_types", key: "storage_class", schema: text, becomes: "nothing: it is an AZ's" },
  { place: "vm_types", key: "labels", schema: named, becomes: "labels of the Pod, beside the environment's own; changed in place" },
  { place: "vm_types", key: "annotations", schema: named, becomes: "annotations of the Pod; changed in place" },
  { place: "vm_types", key: "resources", schema: z.strictObject({ requests: quantities.optional(), limits: quantities.optional() }), becomes: "the container's requests and limits" },
  { place: "vm_types", key: "cpus", schema: z.number().positive(), becomes: "request and limit of `cpu`, unless `resources` names them" },
  { place: "vm_types", key: "memoryMiB", schema: count, becomes: "request and limit of `memory`, unless `resources` names them" },
  { place: "vm_types", key: "ephemeral_disk", schema: z.strictObject({ size: count }), becomes: "limit of `/var/vcap/data` in MiB (default: what the host has)" },
  {
    place: "vm_types",
    key: "node_ports",
    schema: z.array(z.strictObject({ name: text, protocol: protocol.default("tcp"), port, node_port: port.optional() })),
    becomes: "a Service of type NodePort for the VM",
  },
  {
    place: "vm_types",
    key: "ingresses",
    schema: z.array(z.strictObject({ ports: z.array(ports), protocols: z.array(protocol).optional(), networks: z.array(z.string()).optional() })),
    becomes: "ports that the VM's address leads to, where addresses are Services (`protocols`: default tcp; `networks` changes nothing, a VM has one)",
  },
  { place: "vm_types", key: "services", refused: "it points a Service that others own at the VM: use `load_balancer`, or select `bosh.io/group` in that Service" },
  { place: "vm_types", key: "tolerations", schema: z.array(z.record(z.string(), z.any())), becomes: "the Pod's tolerations" },
  { place: "vm_types", key: "priority_class", schema: text, becomes: "the Pod's priority class" },
  { place: "vm_types", key: "runtime_class", schema: text, becomes: "the Pod's runtime class, one with a kernel of its own for instance" },
  { place: "vm_types", key: "load_balancer", becomes: "a load balancer of the deployment; its health check is the Pod's readiness probe, so another check makes a new VM" },
  { place: "disk_types", key: "storage_class", schema: text, becomes: "storage class; another one needs a new disk" },
  { place: "disk_types", key: "storage_provisioner", refused: "the storage class names its provisioner" },
  { place: "disk_types", key: "labels", schema: named, becomes: "labels of the claim" },
  { place: "disk_types", key: "annotations", schema: named, becomes: "annotations of the claim" },
  { place: "load_balancer", key: "type", schema: z.enum(["LoadBalancer", "ClusterIP", "NodePort"]), becomes: "type of the Service (default LoadBalancer)" },
  { place: "load_balancer", key: "class", schema: text, becomes: "`loadBalancerClass`; another one makes a new Service" },
  { place: "load_balancer", key: "ip", schema: text, becomes: "`loadBalancerIP`, or the cluster IP of type ClusterIP" },
  { place: "load_balancer", key: "source_ranges", schema: texts, becomes: "who may come (CIDR; default everybody)" },
  { place: "load_balancer", key: "external_traffic_policy", schema: z.enum(["Cluster", "Local"]), becomes: "`Local` keeps clients' addresses (default Cluster)" },
  { place: "load_balancer", key: "annotations", schema: named, becomes: "annotations of the Service, such as those of the cloud's controller" },
];

export interface VmProperties {
  region?: string;
  zone?: string;
  node_labels?: Record<string, string>;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> };
  cpus?: number;
  memoryMiB?: number;
  ephemeral_disk?: { size: number };
  node_ports?: { name: string; protocol?: string; port: number; node_port?: number }[];
  ingresses?: { ports: (number | string)[]; protocols?: string[] }[];
  tolerations?: Record<string, unknown>[];
  priority_class?: string;
  runtime_class?: string;
  load_balancer?: Record<string, unknown>;
}

export interface DiskProperties {
  storage_class?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface BalancerProperties {
  type?: "LoadBalancer" | "ClusterIP" | "NodePort";
  class?: string;
  ip?: string;
  source_ranges?: string[];
  external_traffic_policy?: "Cluster" | "Local";
  annotations?: Record<string, string>;
}

export const readProperties = propertyReader(propertyRules, "kubernetes");
