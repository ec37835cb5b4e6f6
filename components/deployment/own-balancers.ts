import { RepaveError } from "../../director/core/errors.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../../director/spec/deployment.ts";
import { keptAddress } from "../environment/kept-address.ts";
import { ownRelease } from "../groups/release-folder.ts";
import type { Iaas, OwnBalancer } from "../iaas/port.ts";
import { balancerWish, type BalancerWish } from "./balancer-wish.ts";

/** Name of the instance group, its job and its release. */
const BALANCER = "balancer";
const MEMBERS_TYPE = "balanced";
/** As many links of members as the job has. */
const MOST_SERVICES = 8;

interface Balanced {
  group: InstanceGroupSpec;
  wish: BalancerWish;
  own: OwnBalancer;
}

type Document = Record<string, unknown>;

/** How the deployment balances a group itself; undefined where the IaaS does, or nobody. */
export function ownBalancerOf(group: InstanceGroupSpec, cloud: CloudConfigSpec, iaas: Pick<Iaas, "ownBalancer">): OwnBalancer | undefined {
  const wish = iaas.ownBalancer && balancerWish(group, cloud);
  return wish && iaas.ownBalancer?.({ name: wish.name, port: wish.port, cloudProperties: wish.cloud_properties });
}

/**
 * The manifest with an instance group of balancers at its end, where groups ask for load balancers that the IaaS has not: HAProxy before
 * the instances of those groups, which it knows by links, and the virtual addresses. It is updated, repaved and drained like all others.
 *
 * @throws RepaveError `iaas.network`, `manifest.invalid`
 */
export function withOwnBalancers(manifest: Document, spec: DeploymentSpec, cloud: CloudConfigSpec, iaas: Pick<Iaas, "ownBalancer">): Document {
  const all = spec.instanceGroups.flatMap((group): Balanced[] => {
    const own = group.jobs.length === 0 ? undefined : ownBalancerOf(group, cloud, iaas);
    return own === undefined ? [] : [{ group, wish: balancerWish(group, cloud)!, own }];
  });
  if (all.length === 0) return manifest;
  check(all, spec);
  const releases = manifest["releases"] as Document[];
  const groups = manifest["instance_groups"] as Document[];
  return {
    ...manifest,
    // One of the operator's own, a compiled one for instance, is taken instead.
    releases: releases.some(({ name }) => name === BALANCER) ? releases : [...releases, { ...ownRelease(BALANCER), version: "create" }],
    instance_groups: [...groups.map((group) => withLink(group, all)), balancerGroup(all, groups, cloud)],
  };
}

function check(all: readonly Balanced[], spec: DeploymentSpec): void {
  const refuse = (why: string, hint: string) => new RepaveError("manifest.invalid", why, { hint });
  if (spec.instanceGroups.some(({ name }) => name === BALANCER)) throw refuse(`The instance group '${BALANCER}' is repave's own where load balancers have a virtual address`, "give yours another name");
  if (all.length > MOST_SERVICES) throw refuse(`${all.length} instance groups want a load balancer with a virtual address, and ${MOST_SERVICES} can have one`, "put some into a deployment of their own");
  for (const [i, { wish, own }] of all.entries()) {
    const other = all.slice(0, i).find((earlier) => earlier.wish.name === wish.name || (earlier.own.ports.first <= own.ports.last && own.ports.first <= earlier.own.ports.last));
    if (other !== undefined) throw refuse(`The load balancers '${other.wish.name}' and '${wish.name}' have the same name or port`, "balancers of a deployment listen at all its virtual addresses: give each a name and ports of its own");
  }
}

/** The instances of a group as a link, which its first job provides. */
function withLink(group: Document, all: readonly Balanced[]): Document {
  const balanced = all.find((one) => one.group.name === group["name"]);
  if (balanced === undefined) return group;
  const [first, ...rest] = group["jobs"] as Document[];
  const links = (first!["custom_provider_definitions"] ?? []) as Document[];
  return { ...group, jobs: [{ ...first, custom_provider_definitions: [...links, { name: linkOf(balanced), type: MEMBERS_TYPE }] }, ...rest] };
}

function linkOf({ wish }: Balanced): string {
  return `balanced-${wish.name}`;
}

function balancerGroup(all: readonly Balanced[], groups: readonly Document[], cloud: CloudConfigSpec): Document {
  const { group: first, own } = all[0]!;
  const { vm_type, vm_resources } = groups.find(({ name }) => name === first.name)!;
  const addresses = [...new Set(all.map((one) => one.own.virtualAddress))];
  const { network, azs } = placeOf(addresses, own.group.azs, cloud);
  const links = Array.from({ length: MOST_SERVICES }, (_, i) => [`members_${i}`, all[i] === undefined ? "nil" : { from: linkOf(all[i]), ip_addresses: true }]);
  return {
    name: BALANCER,
    instances: own.group.instances,
    azs,
    ...(own.group.vmType !== undefined ? { vm_type: own.group.vmType } : vm_type !== undefined ? { vm_type } : { vm_resources }),
    stemcell: first.stemcell,
    networks: [{ name: network }],
    // Never two at a time: one has the addresses.
    update: { serial: true, canaries: 1, max_in_flight: 1 },
    jobs: [
      {
        name: BALANCER,
        release: BALANCER,
        consumes: Object.fromEntries(links),
        properties: { balancer: { services: all.map(serviceOf), virtual_addresses: addresses, virtual_router_id: routerId(addresses[0]!) } },
      },
    ],
  };
}

function serviceOf({ wish: { name, backend_port, health }, own: { ports, proxyProtocol } }: Balanced): Document {
  return { name, ports, backend_port, health, proxy_protocol: proxyProtocol };
}

/** Any number that others on the network are unlikely to have: balancers listen to their peers only. */
function routerId(address: string): number {
  return Math.max(1, Number(address.split(".")[3]));
}

/** Balancers are where their addresses are: in one subnet. */
function placeOf(addresses: readonly string[], wanted: readonly string[] | undefined, cloud: CloudConfigSpec): { network: string; azs: string[] } {
  const refuse = (why: string, hint: string) => new RepaveError("iaas.network", why, { hint });
  const places = addresses.map((address) => keptAddress("virtual address", address, cloud));
  const { network, subnet } = places[0]!;
  const elsewhere = places.findIndex((place) => place.subnet !== subnet);
  if (elsewhere >= 0) throw refuse(`The virtual addresses ${addresses[0]} and ${addresses[elsewhere]} of one deployment are in two subnets`, "take addresses of one subnet");
  const azs = subnet.azs ?? [];
  const outside = (wanted ?? []).find((az) => !azs.includes(az));
  if (outside !== undefined) throw refuse(`The AZ '${outside}' of the balancers has not the subnet ${subnet.range} of their virtual address ${addresses[0]}`, `its AZs are ${azs.join(", ")}`);
  return { network, azs: [...(wanted ?? azs)] };
}
