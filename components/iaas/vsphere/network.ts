import * as pulumi from "@pulumi/pulumi";
import { IaasError } from "../../../director/core/errors.ts";
import { parseCidr, parseIp } from "../../../director/network/index.ts";
import type { OpenArgs, SubnetArgs, Tags } from "../port.ts";
import { CustomAttribute, Folder } from "./bindings/resources.ts";
import { readProperties } from "./cloud-properties.ts";
import type { Inventory } from "./inventory.ts";
import { dashed, type Shared } from "./shared.ts";

/** Parent of all that VMs need: who depends on it depends on each part. */
export class Network extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("repave:index:Network", name, {}, opts);
    this.registerOutputs();
  }
}

/** The environment's folder of VMs in each datacenter. */
export function declareFolders(shared: Shared, inventory: Inventory, datacenters: readonly string[]): ReadonlyMap<string, pulumi.Output<string>> {
  const { name, args, open, opts } = shared;
  const own = dashed("repave", open.environment);
  const path = args.parentFolder === undefined ? own : `${args.parentFolder}/${own}`;
  return new Map(datacenters.map((datacenter) => [datacenter, new Folder(dashed(name, datacenter), { path, type: "vm", datacenterId: inventory.datacenter(datacenter) }, opts).path]));
}

/** VMs' metadata, as attributes of theirs: by BOSH's names, under the environment's own, since a vCenter has each name once. */
export class Metadata {
  readonly #shared: Shared;
  readonly #attributes = new Map<string, pulumi.Output<string>>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Values by the attributes' ids. */
  of(tags: Tags): pulumi.Output<Record<string, string>> {
    const pairs = Object.entries(tags).map(([key, value]) => this.#attribute(key).apply((id) => [id, value] as const));
    return pulumi.all(pairs).apply((known) => Object.fromEntries(known));
  }

  #attribute(key: string): pulumi.Output<string> {
    const { name, args, open, opts } = this.#shared;
    const given = args.customAttributes?.[key];
    if (given !== undefined) return pulumi.output(given);
    const known = this.#attributes.get(key) ?? new CustomAttribute(dashed(name, key), { name: `repave/${open.environment}/${key}`, managedObjectType: "VirtualMachine" }, opts).id;
    this.#attributes.set(key, known);
    return known;
  }
}

/** Port group of each subnet; vSphere networks are there, and none is made. */
export function portGroupsOf({ subnets }: OpenArgs): ReadonlyMap<SubnetArgs, string> {
  return new Map(
    subnets.map((subnet) => {
      const { name } = readProperties<{ name?: string }>("networks", `network '${subnet.network}'`, subnet.cloudProperties);
      if (name !== undefined) return [subnet, name];
      throw new IaasError("iaas.network", `The subnet ${subnet.range} of network '${subnet.network}' has no port group`, { method: "create_network", hint: "add 'cloud_properties: { name: PORT GROUP }': on vSphere networks are there already" });
    }),
  );
}

/** @throws IaasError `iaas.network` where no subnet of the network has the address */
export function portGroupFor(portGroups: ReadonlyMap<SubnetArgs, string>, network: string, ip: string): string {
  const { value } = parseIp(ip);
  for (const [subnet, portGroup] of portGroups) {
    const { first, last } = parseCidr(subnet.range);
    if (subnet.network === network && first <= value && value <= last) return portGroup;
  }
  throw new IaasError("iaas.network", `No subnet of network '${network}' has the address ${ip}`, { method: "create_vm", hint: "on vSphere the addresses of all networks are given by the cloud config: 'type: manual'" });
}
