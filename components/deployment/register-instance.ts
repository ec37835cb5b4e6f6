import * as pulumi from "@pulumi/pulumi";
import { vmCloudProperties } from "../../director/config/cloud-properties.ts";
import { renewalBound } from "../../director/update/renewal-bound.ts";
import { noAgent } from "../../provider/resources/connection.ts";
import { Instance } from "../../provider/resources/instance.ts";
import { renderInstance } from "../../provider/resources/render-query.ts";
import type { Disk } from "../iaas/port.ts";
import { tagsOf } from "../iaas/tags.ts";
import { frozen, frozenInstance } from "./frozen.ts";
import { stemcellOf } from "./group-settings.ts";
import type { InstanceArgs, RegisteredInstance } from "./instance-args.ts";
import { toRender } from "./instance-to-render.ts";
import { addressOf } from "./load-balancers.ts";

/** An instance with its VM and disk. */
export function registerInstance(args: InstanceArgs): RegisteredInstance {
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
