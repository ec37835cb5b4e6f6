import type * as pulumi from "@pulumi/pulumi";
import { DnsEncoder, recordName } from "../../director/dns/index.ts";
import { specAddress, specIp } from "../../director/links/index.ts";
import type { InstanceToRender } from "../../provider/resources/render-query.ts";
import type { InstanceArgs } from "./instance-args.ts";
import type { Variables } from "./variables.ts";

/** What the templates of an instance see of it, with credentials in their places. */
export function toRender(args: InstanceArgs, variables: Variables): pulumi.Output<InstanceToRender> {
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
