import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { backendPortTable } from "../../../director/network/port-table.ts";
import type { LoadBalancer, LoadBalancerArgs } from "../port.ts";
import { readProperties, type BalancerProperties } from "./cloud-properties.ts";
import { annotationsOf, labelsOf, objectName, selectorOf } from "./names.ts";
import { ingressRules } from "./network-rules.ts";
import { notWaiting, type Shared, untilAddressed } from "./shared.ts";

const everybody = ["0.0.0.0/0"];

/** A Service over the group's Pods that are ready, and leave for its clients to reach them. */
export function declareBalancer(shared: Shared, name: string, balancer: LoadBalancerArgs, opts: pulumi.CustomResourceOptions): LoadBalancer {
  const { sdk, open, namespace, provider } = shared;
  const properties = readProperties<BalancerProperties>("load_balancer", `load balancer '${balancer.name}'`, balancer.cloudProperties);
  const target = balancer.backends[0]?.port ?? balancer.port;
  // There are no ports to choose from as on a shared address: the Service has one of its own.
  const port = balancer.port === 0 ? target : balancer.port;
  if (port === 0) throw new IaasError("iaas.network", `Load balancer '${balancer.name}' has no port`, { method: "create_load_balancer", hint: "give it a 'port'" });
  const type = properties.type ?? "LoadBalancer";
  const object = objectName(balancer.deployment, balancer.name);
  const group = selectorOf({ environment: open.environment, deployment: balancer.deployment, group: balancer.group });
  const metadata = { namespace, name: object, labels: labelsOf(balancer.tags), annotations: annotationsOf(balancer.tags) };
  const inCloud = pulumi.mergeOptions(opts, { provider, deleteBeforeReplace: true });
  const rules = backendPortTable(balancer.name, properties.source_ranges ?? everybody, [target, balancer.healthCheck.port]);
  const policy = new sdk.NetworkPolicy(name, { metadata, spec: { podSelector: { matchLabels: group }, policyTypes: ["Ingress"], ingress: ingressRules(rules, group) } }, inCloud);
  const service = new sdk.Service(
    name,
    {
      metadata: {
        ...metadata,
        annotations: {
          ...properties.annotations,
          ...metadata.annotations,
          ...(balancer.dnsNames.length === 0 ? {} : { "external-dns.alpha.kubernetes.io/hostname": balancer.dnsNames.join(",") }),
          ...(type === "LoadBalancer" ? untilAddressed : notWaiting),
        },
      },
      spec: {
        type,
        selector: group,
        ports: [{ name: "backend", protocol: "TCP", port, targetPort: target }],
        ...(properties.class === undefined ? {} : { loadBalancerClass: properties.class }),
        ...(properties.source_ranges === undefined || type !== "LoadBalancer" ? {} : { loadBalancerSourceRanges: properties.source_ranges }),
        ...(properties.external_traffic_policy === undefined ? {} : { externalTrafficPolicy: properties.external_traffic_policy }),
        ...(properties.ip === undefined ? {} : type === "ClusterIP" ? { clusterIP: properties.ip } : { loadBalancerIP: properties.ip }),
      },
    },
    // A Service takes no other class in place.
    pulumi.mergeOptions(inCloud, { dependsOn: [policy], replaceOnChanges: ["spec.loadBalancerClass"] }),
  );
  const host = type === "LoadBalancer" ? service.status.apply((status) => addressOf(status)) : pulumi.interpolate`${object}.${namespace}.svc`;
  return { resource: service, url: host.apply((at) => (at === "" ? "" : `http://${at}:${port}`)) };
}

/** Its status is not there in a preview, nor where nothing gives Services addresses. */
function addressOf(status: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined): string {
  const first = status?.loadBalancer?.ingress?.[0];
  return first?.hostname ?? first?.ip ?? "";
}
