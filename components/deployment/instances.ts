import * as pulumi from "@pulumi/pulumi";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { DnsEncoder, recordName } from "../../director/dns/index.ts";
import { specAddress, specIp, type ResolvedLinks } from "../../director/links/index.ts";
import type { PlacedInstance } from "../../director/placement/index.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DueVms } from "../../director/rollout/repave-policy.ts";
import type { DeploymentSpec, InstanceGroupSpec } from "../../director/spec/deployment.ts";
import { renewalBound } from "../../director/update/renewal-bound.ts";
import type { RepaveConfig } from "../../director/update/repave-selection.ts";
import { type Barrier, staticWaves, surgeOf, vmGates, waveBarriers, waveEdges, type Wave } from "../../director/update/index.ts";
import { type AgentAccess, noAgent } from "../../provider/resources/connection.ts";
import { Instance } from "../../provider/resources/instance.ts";
import { renderInstance, type InstanceToRender } from "../../provider/resources/render-query.ts";
import { Wave as WaveResource } from "../../provider/resources/wave.ts";
import type { Environment } from "../environment.ts";
import type { Disk, VmGroup } from "../iaas/port.ts";
import { tagsOf } from "../iaas/tags.ts";
import type { Catalog } from "./catalog.ts";
import { groupFacts, type GroupFacts } from "./facts.ts";
import { frozen, frozenInstance } from "./frozen.ts";
import { settingsOf, stemcellOf } from "./group-settings.ts";
import type { Placed } from "./index.ts";
import { addressOf } from "./load-balancers.ts";
import { instanceRequests, type InstanceRequests } from "./instance-requests.ts";
import type { Packages } from "./packages.ts";
import { planFacts } from "./plan-facts.ts";
import type { Variables } from "./variables.ts";

export interface InstancesArgs {
  spec: DeploymentSpec;
  cloud: CloudConfigSpec;
  environment: Environment;
  catalog: Catalog;
  links: ResolvedLinks;
  linksOf(group: string, job: string): Record<string, unknown>;
  placed: Placed;
  variables: Variables;
  packages: Packages;
  /** What stands for the DNS records of the deployment. */
  dns: pulumi.Output<string>;
  repave?: RepaveConfig;
  /** VMs that this run renews because their agents do not answer. */
  fix?: RepaveConfig;
  /** VMs that a policy calls too old now. */
  due: DueVms | undefined;
  parent: pulumi.Resource;
}

export interface RegisteredInstance {
  group: string;
  index: number;
  az: string | null;
  ip: string;
  resource: Instance;
  access: pulumi.Output<AgentAccess>;
  /** False for one that an operator has stopped or detached. */
  started: boolean;
  /** No other instance waits for it. */
  last: boolean;
}

/**
 * Registers every instance with its VM and disk, in the order of the waves. An instance waits for the wave before it; so does its VM,
 * unless it is new or made beside the old one: those are all made at once, or as many as `max_surge` lets.
 */
export function registerInstances(args: InstancesArgs): RegisteredInstance[] {
  const { spec, cloud, environment, placed } = args;
  const groups = spec.instanceGroups.filter((group) => group.lifecycle === "service");
  const rolling = groups.map((group) => ({ name: group.name, settings: settingsOf(group, cloud, environment.iaas) }));
  const waves = staticWaves(rolling, placed.assignment, { initialDeploy: placed.initial });
  const edges = waveEdges(waves);
  const barriers = waveBarriers(waves, edges);
  const waitedFor = new Set([...edges.values()].flat());
  const gates = vmGates(waves, rolling);
  const requests = instanceRequests();
  const made = new Map<string, Instance>();
  const passages = new Map<Barrier, WaveResource>();
  const registered: RegisteredInstance[] = [];
  const vmGroups = new Map<string, VmGroup>();
  const known = (ids: readonly string[] = []) => ids.map((other) => made.get(other)).filter((r) => r !== undefined);
  for (const wave of waves) {
    const group = groups.find((g) => g.name === wave.group)!;
    const parent = groupComponent(args, group);
    const vmGroup = vmGroups.get(group.name) ?? vmGroupOf(args, group, parent);
    vmGroups.set(group.name, vmGroup);
    const barrier = barriers.get(wave.instances.at(-1) ?? "");
    if (barrier && !passages.has(barrier)) passages.set(barrier, new WaveResource(`${spec.name}.${group.name}.wave-${barrier.wave}`, { parent, dependsOn: known(barrier.members) }));
    const waitsFor = (id: string): pulumi.Resource[] => {
      const at = barriers.get(id);
      return at ? [passages.get(at)!] : known(edges.get(id));
    };
    for (const id of wave.instances) {
      const instance = placed.assignment.groups[group.name]!.find((i) => i.id === id)!;
      const before = waitsFor(id);
      const vmBefore = !placed.fresh.includes(id) ? before : instance.slot === undefined ? [] : known(gates.get(id));
      const { settings } = rolling.find((g) => g.name === group.name)!;
      const result = registerInstance({ ...args, requests, group, vmGroup, instance, wave, before, vmBefore, bounded: surgeOf(settings, group.instances) > 0, last: !waitedFor.has(id), parent });
      made.set(id, result.resource);
      registered.push(result);
    }
  }
  for (const vmGroup of vmGroups.values()) vmGroup.complete();
  return registered;
}

function vmGroupOf({ spec, environment }: InstancesArgs, group: InstanceGroupSpec, parent: pulumi.Resource): VmGroup {
  const tags = tagsOf({ environment: environment.environmentName, deployment: spec.name, group: group.name }, { ...spec.tags, ...group.tags });
  return environment.iaas.vmGroup(`${spec.name}.${group.name}`, { deployment: spec.name, group: group.name, instances: group.instances, tags }, { parent, dependsOn: [environment.network] });
}

/** Groups are components of their own, so that a preview reads group by group. */
class InstanceGroupComponent extends pulumi.ComponentResource {
  constructor(name: string, facts: GroupFacts, opts: pulumi.ComponentResourceOptions) {
    super("repave:index:InstanceGroup", name, facts as unknown as pulumi.Inputs, opts);
    this.registerOutputs(facts as unknown as pulumi.Inputs);
  }
}

const components = new WeakMap<pulumi.Resource, Map<string, InstanceGroupComponent>>();

function groupComponent({ parent, spec, cloud, environment, catalog }: InstancesArgs, group: InstanceGroupSpec): InstanceGroupComponent {
  const known = components.get(parent) ?? new Map<string, InstanceGroupComponent>();
  components.set(parent, known);
  let component = known.get(group.name);
  if (!component) {
    const facts = { ...groupFacts(spec, group, cloud, environment.iaas.name, (job) => catalog.job(job.release, job.name)), ...planFacts(group, settingsOf(group, cloud, environment.iaas)) };
    known.set(group.name, (component = new InstanceGroupComponent(`${spec.name}.${group.name}`, facts, { parent })));
  }
  return component;
}

interface InstanceArgs extends InstancesArgs {
  requests: InstanceRequests;
  group: InstanceGroupSpec;
  vmGroup: VmGroup;
  instance: PlacedInstance;
  wave: Wave;
  before: pulumi.Resource[];
  /** What its VM waits for. */
  vmBefore: pulumi.Resource[];
  /** There may be only so many VMs beside the old ones. */
  bounded: boolean;
  /** No other instance waits for it. */
  last: boolean;
  parent: pulumi.Resource;
}

function registerInstance(args: InstanceArgs): RegisteredInstance {
  const { spec, cloud, environment, group, instance, wave, before, vmBefore, bounded, last, parent, variables, requests } = args;
  // Its identity: never a position in a list.
  const name = `${spec.name}.${group.name}.${instance.id}`;
  const slot = instance.slot ?? 0;
  // A VM that is made beside its predecessor gets a disk when its instance moves there.
  const vmSuffix = slot === 0 ? "" : `-${slot}`;
  const stemcell = stemcellOf(spec, group);
  const disk = registerDisk(args, name);
  const ip = addressOf(instance.networks);
  const networks = Object.fromEntries(
    Object.entries(instance.networks).map(([network, n]) => [network, { type: n.type, ip: n.ip ?? "", netmask: n.netmask ?? "", gateway: n.gateway ?? "", dns: n.dns, default: n.default }]),
  );
  const selectable = { group: group.name, index: instance.index, id: instance.id, az: instance.az };
  const state = requests.state(group, selectable);
  // What is ignored stays in the program as the state has it.
  const ignored = requests.isIgnored(selectable);
  const vm =
    state === "detached"
      ? { cid: pulumi.output(""), access: pulumi.secret(noAgent), hints: [] }
      : environment.iaas.createVm(
          `${name}${vmSuffix}`,
          {
            deployment: spec.name,
            group: group.name,
            instanceId: instance.id,
            slot: `${group.name}-${instance.id}${vmSuffix}`,
            az: instance.az ?? "",
            ip,
            networks,
            cloudProperties: vmCloudProperties(group, instance.az, cloud),
            stemcell: environment.iaas.stemcell(stemcell),
            env: variables.fill(group.env as Record<string, unknown>),
            disks: disk && slot === 0 ? [disk] : [],
            vmGroup: args.vmGroup,
            tags: instanceTags(args),
            agentCa: environment.agentCa,
            agentEpoch: environment.agentEpoch,
            repaveBefore: renewalBound(args, selectable),
            hold: state === "stopped",
            via: environment.via,
          },
          { parent, dependsOn: [environment.network, ...vmBefore], ...(ignored ? frozen : {}) },
        );
  const resource = new Instance(
    name,
    {
      deployment: spec.name,
      group: group.name,
      instanceId: instance.id,
      index: instance.index,
      az: instance.az,
      bootstrap: instance.bootstrap,
      vmCid: vm.cid,
      slot,
      endsOldVm: bounded ? true : undefined,
      access: vm.access,
      networks,
      jobs: group.jobs.map((job) => ({ name: job.name, version: args.catalog.job(job.release, job.name).fingerprint })),
      packages: packagesOf(args, stemcell),
      ...renderInstance(toRender(args, variables), { parent }),
      disk: disk ? disk.cid : "",
      diskHint: vm.hints[0],
      diskSize: group.persistentDisk,
      dns: args.dns,
      canary: wave.canary,
      watchTime: { min: wave.watchTime.minMs, max: wave.watchTime.maxMs },
      state,
      restartBefore: requests.restartBefore(selectable),
    },
    { parent, dependsOn: before, ...(ignored ? frozenInstance : {}) },
  );
  return { group: group.name, index: instance.index, az: instance.az, ip, resource, access: vm.access, started: state === undefined && !ignored, last };
}

function registerDisk(args: InstanceArgs, name: string): Disk | undefined {
  const { environment, group, instance, cloud, parent } = args;
  if (group.persistentDisk === 0) return undefined;
  const cloudProperties = cloud.diskTypes.find((d) => d.name === group.persistentDiskType)?.cloudProperties ?? {};
  return environment.iaas.createDisk(
    name,
    {
      deployment: args.spec.name,
      group: group.name,
      instanceId: instance.id,
      diskName: `${group.name}-${instance.id}`,
      sizeMiB: group.persistentDisk,
      az: instance.az ?? "",
      cloudProperties,
      tags: instanceTags(args),
      attach: args.requests.attach({ group: group.name, index: instance.index, id: instance.id, az: instance.az }),
    },
    { parent, dependsOn: [environment.network] },
  );
}

function instanceTags({ spec, environment, group, instance }: InstanceArgs) {
  return tagsOf({ environment: environment.environmentName, deployment: spec.name, group: group.name, instance }, { ...spec.tags, ...group.tags });
}

function packagesOf(args: InstanceArgs, stemcell: { os: string; version: string }) {
  const { environment, cloud, group, catalog, packages } = args;
  const options = {
    environment: environment.iaas.compilation()?.environment,
    stemcell,
    compilers: cloud.compilation.workers,
    parent: environment,
    dependsOn: [environment.network],
  };
  const wanted = group.jobs.flatMap((job) => packages.of(catalog.release(job.release), catalog.job(job.release, job.name).packages, options));
  return [...new Map(wanted.map((p) => [p.name, p])).values()];
}

function toRender(args: InstanceArgs, variables: Variables): pulumi.Output<InstanceToRender> {
  const { spec, group, instance, catalog, placed } = args;
  const encoder = new DnsEncoder(placed.dnsIds);
  const jobs = group.jobs.map((job) => {
    const release = catalog.release(job.release);
    return {
      name: job.name,
      release: { name: release.name, version: release.version, location: release.location },
      manifestProperties: job.properties as unknown,
      links: args.linksOf(group.name, job.name) as unknown,
      provides: args.links.providers
        .filter((p) => p.instanceGroup === group.name && p.job === job.name && p.kind === "job")
        .map((p) => ({ name: p.name, type: p.type, group: encoder.groupId("link", p.groupName, spec.name) })),
    };
  });
  const first = catalog.job(group.jobs[0]?.release ?? "", group.jobs[0]?.name ?? "") as { name: string; fingerprint: string } | undefined;
  const request = {
    instance: `${group.name}/${instance.id}`,
    jobs,
    context: {
      deployment: spec.name,
      name: group.name,
      index: instance.index,
      bootstrap: instance.bootstrap,
      id: instance.id,
      az: instance.az,
      networks: Object.fromEntries(
        Object.entries(instance.networks).map(([network, n]) => [network, { ...n, cloud_properties: n.cloudProperties ?? {}, dns_record_name: recordName(instance.index, group.name, network, spec.name, "bosh") }]),
      ),
      dns_domain_name: "bosh",
      address: specAddress(instance, group, spec, encoder),
      ip: specIp(instance, group),
      persistent_disk: group.persistentDisk,
      job: {
        name: group.name,
        templates: group.jobs.map((job) => ({ name: job.name, version: catalog.job(job.release, job.name).fingerprint })),
        template: first?.name,
        version: first?.fingerprint,
      },
    },
    dns: {
      azs: placed.dnsIds.azs,
      networks: placed.dnsIds.networks,
      instances: placed.dnsIds.instances,
      groups: placed.dnsIds.groups.map((g) => ({ group_type: g.type, group_name: g.name, deployment: g.deployment, id: g.id })),
    },
  };
  return variables.fill(request) as unknown as pulumi.Output<InstanceToRender>;
}
