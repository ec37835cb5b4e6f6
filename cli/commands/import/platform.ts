import { subnetsOf } from "../../../components/environment/subnets.ts";
import { localSubnets } from "../../../components/iaas/local/subnets.ts";
import { messageOf } from "../../../director/core/errors.ts";
import { isGeneratedType } from "../../../director/variables/definition.ts";
import type { CloudConfigSpec } from "../../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../../director/spec/deployment.ts";
import { named, type Finding } from "./findings.ts";

export interface PlatformScene {
  spec: DeploymentSpec;
  cloud: CloudConfigSpec;
  undefinedVariables: readonly string[];
  releases: string | undefined;
  /** Names with a value in the vars store. */
  stored: ReadonlySet<string>;
}

/** What of a manifest and a cloud config comes along, and what cannot. */
export function platformFindings({ spec, cloud, undefinedVariables, releases, stored }: PlatformScene): Finding[] {
  const services = spec.instanceGroups.filter((group) => group.lifecycle === "service");
  const instances = services.reduce((sum, group) => sum + group.instances, 0);
  const errands = spec.instanceGroups.filter((group) => group.lifecycle === "errand").map((group) => group.name);
  const disks = services.filter((group) => group.persistentDisk > 0 || group.persistentDisks.length > 0).map((group) => group.name);
  const withoutUrl = spec.releases.filter((release) => release.url === undefined).map(({ name, version }) => `${name}/${version}`);
  const strange = spec.variables.filter(({ name, type }) => !isGeneratedType(type) && !stored.has(name)).map(({ name, type }) => `${name} (${type})`);
  const missing = undefinedVariables.filter((name) => !stored.has(name));
  const several = (outcome: Finding["outcome"], names: readonly string[], what: string, why: string): Finding[] => (names.length === 0 ? [] : [{ outcome, what, why: `${named(names)}: ${why}` }]);
  return [
    ...networkFindings(spec, cloud),
    ...several("to do", missing, "variables without a value", "add them to 'vars' in index.js, or to a vars file"),
    ...several("to do", strange, "variables of types that are not generated here", "give their values with 'vars'"),
    ...(releases === undefined ? several("to do", withoutUrl, "releases without a URL", "add 'releases', a folder that has them, to index.js") : []),
    { outcome: "taken over", what: `${services.length} instance groups with ${instances} instances`, why: `${spec.releases.length} releases, ${spec.addons.length} addons and ${spec.variables.length} variables; ops files are applied on each run` },
    { outcome: "taken over", what: "the cloud config", why: `AZs ${named(cloud.azs.map((az) => az.name))}, ${cloud.vmTypes.length} VM types, ${cloud.diskTypes.length} disk types, ${cloud.vmExtensions.length} VM extensions` },
    ...several("taken over", errands, "errands", "they stay defined, and have no VM until they run"),
    { outcome: "made new", what: "VMs, instance ids and addresses that are not static", why: "instances of the old Director are not adopted: it would go on repairing them" },
    ...several("left behind", disks, "data on persistent disks", "the new disks are empty; back up with the jobs' own tools and restore after the first update"),
    ...iaasProperties(cloud),
  ];
}

function networkFindings(spec: DeploymentSpec, cloud: CloudConfigSpec): Finding[] {
  const manual = new Set(cloud.networks.filter((network) => network.type === "manual").map((network) => network.name));
  const strange = spec.instanceGroups.flatMap((group) => group.networks.filter((network) => !manual.has(network.name)).map((network) => `${network.name} of ${group.name}`));
  const found: Finding[] = strange.length === 0 ? [] : [{ outcome: "to do", what: "networks that are not manual", why: `${named(strange)}: the local IaaS gives addresses of manual networks only` }];
  try {
    localSubnets(subnetsOf(cloud));
  } catch (error) {
    found.push({ outcome: "to do", what: "networks of the cloud config", why: messageOf(error) });
  }
  return found;
}

const localProperties = ["memoryMiB", "cpus", "load_balancer"];

/** Cloud properties are the old CPI's words. */
function iaasProperties(cloud: CloudConfigSpec): Finding[] {
  const types = [...cloud.azs, ...cloud.vmTypes, ...cloud.vmExtensions, ...cloud.diskTypes];
  const foreign = new Set(types.flatMap((type) => Object.keys(type.cloudProperties)).filter((key) => !localProperties.includes(key)));
  if (foreign.size === 0) return [];
  return [{ outcome: "left behind", what: "cloud properties of the old IaaS", why: `the local IaaS knows ${localProperties.join(", ")}, not ${named([...foreign].sort())}` }];
}
