import type { DeploymentSpec, FeaturesSpec, InstanceGroupSpec, JobSpec, ReleaseSpec, UpdateSpec, VariableSpec } from "../spec/deployment.ts";
import type { WatchTime } from "../update/watch.ts";

/**
 * A spec written as a manifest again, with everything said that defaults, inheritance, addons and runtime configs said before.
 * Reading it gives the same spec, but for addons: their jobs stand in the groups now.
 */
export function effectiveManifest(spec: DeploymentSpec): Record<string, unknown> {
  return {
    name: spec.name,
    releases: spec.releases.map(release),
    stemcells: spec.stemcells.map(({ wanted: _, ...stemcell }) => stemcell),
    update: update(spec.update),
    instance_groups: spec.instanceGroups.map(group),
    variables: spec.variables.map(variable),
    features: features(spec.features),
    tags: spec.tags,
  };
}

function release({ exportedFrom, ...rest }: ReleaseSpec): object {
  return { ...rest, ...(exportedFrom.length === 0 ? {} : { exported_from: exportedFrom }) };
}

function update(spec: UpdateSpec): object {
  const range = ({ minMs, maxMs }: WatchTime): string => `${minMs}-${maxMs}`;
  return {
    canaries: spec.canaries,
    max_in_flight: spec.maxInFlight,
    canary_watch_time: range(spec.canaryWatchTime),
    update_watch_time: range(spec.updateWatchTime),
    serial: spec.serial,
    vm_strategy: spec.vmStrategy,
    initial_deploy_az_update_strategy: spec.initialDeployAzUpdateStrategy,
    max_surge: spec.maxSurge,
    az_order: spec.azOrder,
    ...(spec.allowReplace === undefined ? {} : { allow_replace: spec.allowReplace }),
    ...(spec.quorum === undefined ? {} : { quorum: spec.quorum }),
    ...(spec.minInService === undefined ? {} : { min_in_service: spec.minInService }),
  };
}

function group(spec: InstanceGroupSpec): object {
  const { vmResources: vm } = spec;
  return {
    name: spec.name,
    lifecycle: spec.lifecycle,
    instances: spec.instances,
    ...(spec.azs === undefined ? {} : { azs: spec.azs }),
    ...(spec.vmType === undefined ? {} : { vm_type: spec.vmType }),
    ...(vm === undefined ? {} : { vm_resources: { cpu: vm.cpu, ram: vm.ram, ephemeral_disk_size: vm.ephemeralDiskSize } }),
    vm_extensions: spec.vmExtensions,
    stemcell: spec.stemcell,
    ...disks(spec),
    networks: spec.networks.map(({ staticIps, nicGroup, ...network }) => ({
      ...network,
      ...(staticIps === undefined ? {} : { static_ips: staticIps }),
      ...(nicGroup === undefined ? {} : { nic_group: nicGroup }),
    })),
    update: update(spec.update),
    migrated_from: spec.migratedFrom,
    ...(spec.state === undefined ? {} : { state: spec.state }),
    instance_states: spec.instanceStates,
    env: spec.env,
    tags: spec.tags,
    jobs: spec.jobs.map(job),
  };
}

function disks(spec: InstanceGroupSpec): object {
  if (spec.persistentDisks.length > 0) return { persistent_disks: spec.persistentDisks };
  return spec.persistentDiskType === undefined ? { persistent_disk: spec.persistentDisk } : { persistent_disk_type: spec.persistentDiskType };
}

function job(spec: JobSpec): object {
  return {
    name: spec.name,
    release: spec.release,
    ...(Object.keys(spec.provides).length === 0 ? {} : { provides: spec.provides }),
    ...(Object.keys(spec.consumes).length === 0 ? {} : { consumes: spec.consumes }),
    ...(spec.customProviderDefinitions.length === 0 ? {} : { custom_provider_definitions: spec.customProviderDefinitions }),
    properties: spec.properties,
  };
}

function variable(spec: VariableSpec): object {
  const consumes = Object.entries(spec.consumes).map(([link, wish]) => [
    link,
    {
      ...(wish.from === undefined ? {} : { from: wish.from }),
      ...(wish.linkType === undefined ? {} : { link_type: wish.linkType }),
      ...(wish.wildcard ? { properties: { wildcard: true } } : {}),
    },
  ]);
  return {
    name: spec.name,
    type: spec.type,
    ...(Object.keys(spec.options).length === 0 ? {} : { options: spec.options }),
    ...(consumes.length === 0 ? {} : { consumes: Object.fromEntries(consumes) as object }),
    ...(spec.updateMode === undefined ? {} : { update_mode: spec.updateMode }),
    ...(spec.update === undefined ? {} : { update: spec.update }),
  };
}

function features(spec: FeaturesSpec): object {
  return {
    ...(spec.useDnsAddresses === undefined ? {} : { use_dns_addresses: spec.useDnsAddresses }),
    use_short_dns_addresses: spec.useShortDnsAddresses,
    // a false one would count as `use_dns_addresses: false`
    ...(spec.useLinkDnsNames ? { use_link_dns_names: true } : {}),
    randomize_az_placement: spec.randomizeAzPlacement,
    converge_variables: spec.convergeVariables,
    ...(spec.useTmpfsConfig === undefined ? {} : { use_tmpfs_config: spec.useTmpfsConfig }),
  };
}
