import { toTemplateMap, toTemplateValue, type TemplateMap, type TemplateValue } from "./values.ts";

/** What the templates of one instance see in `spec`; names and meaning are BOSH's. Values may be plain data or `TemplateValue`s. */
export interface InstanceContext {
  deployment: string;
  /** The instance group's name. */
  name: string;
  index: number;
  bootstrap: boolean;
  /** The instance's id, a UUID. */
  id: string;
  /** null without availability zones. */
  az: string | null;
  /** Network name to `{type, ip, netmask, gateway, dns, default, cloud_properties, dns_record_name, ...}`. */
  networks: unknown;
  dns_domain_name: string;
  /** DNS name or IP, as the deployment's address rule says. */
  address: string | null;
  /** null where no address is known yet (dynamic networks before their VM). */
  ip: string | null;
  /** In MB, 0 without one. */
  persistent_disk: number;
  /** `{name: group, templates: [{name, version, sha1, blobstore_id, logs}], template, version}`. */
  job: unknown;
}

/**
 * The `spec` of one job on one instance, keys in the Director's order (templates may list them).
 * @param properties the job's bound properties
 * @param links the job's resolved links by name
 */
export function buildSpec(context: InstanceContext, job: { release: { name: string; version: string }; properties: TemplateMap; links: TemplateMap }): TemplateMap {
  const release: TemplateMap = new Map([
    ["name", job.release.name],
    ["version", job.release.version],
  ]);
  return new Map<string, TemplateValue>([
    ["deployment", context.deployment],
    ["job", toTemplateValue(context.job, "job")],
    ["index", context.index],
    ["bootstrap", context.bootstrap],
    ["name", context.name],
    ["id", context.id],
    ["az", context.az],
    ["networks", toTemplateMap(context.networks, "networks")],
    ["properties_need_filtering", true],
    ["dns_domain_name", context.dns_domain_name],
    ["address", context.address],
    ["persistent_disk", context.persistent_disk],
    ["properties", job.properties],
    ["links", job.links],
    ["ip", context.ip],
    ["release", release],
  ]);
}
