import type * as pulumi from "@pulumi/pulumi";
import type { HeavyStemcell } from "../heavy-stemcell.ts";
import type { AccessPath } from "../port.ts";

/** What VMs boot from: an image that Glance has, or one to upload. */
export type OpenstackStemcell = { imageId: string } | HeavyStemcell | StemcellFile;

/** A disk that is unpacked already. */
export interface StemcellFile {
  /** Path of `root.img`. Read when the image is made, and not again. */
  imageFile: string;
  /** Default: `qcow2`. */
  diskFormat?: "qcow2" | "raw";
  /** Properties beside those that every stemcell needs, `hw_disk_bus` for one. */
  properties?: Readonly<Record<string, string>>;
}

export interface OpenstackIaasArgs {
  /** Account and endpoints. Default: the stack's `openstack:` configuration, else the `OS_*` variables. */
  provider?: pulumi.ProviderResource;
  /**
   * What VMs boot from, by OS and version.
   *
   * @example
   * { "ubuntu-noble/1.484": { imageId: "9f2c..." }, "ubuntu-jammy/1.990": { stemcell: "bosh-stemcell-1.990-openstack-kvm-ubuntu-jammy-go_agent.tgz" } }
   */
  stemcells: Readonly<Record<string, OpenstackStemcell>>;
  /** Whether other projects may see uploaded stemcells. Default: `private`. */
  stemcellVisibility?: "private" | "public" | "shared" | "community";
  /** The deployer's way to the VMs. Default: it dials their addresses itself. */
  access?: AccessPath;
  /** Id of the network that leads out. Default: none, and what the environment makes has no way out. */
  externalNetworkId?: string;
  /** Key pair of every VM that names none. Default: none; SSH keys come with the agent's settings. */
  keyPair?: string;
  /** Security groups (ids or names) of every VM that names none, beside the environment's own. */
  securityGroups?: readonly string[];
  /** Settings by config drive instead of the metadata service. Default: true. */
  configDrive?: boolean;
  /** VMs ask DHCP for their addresses. Default: true; VMs on several networks never do. */
  useDhcp?: boolean;
  /** The root disk is a volume. Default: false. */
  bootFromVolume?: boolean;
  /** Volume type of disk types that name none. Default: Cinder's. */
  volumeType?: string;
  /** Volumes are in the VM's AZ. Default: true; false where Cinder has other AZs than Nova, or none. */
  volumesInVmAz?: boolean;
  /**
   * What a persistent disk that is no longer in the program needs to go: `protect` refuses until the protection is taken away,
   * `retain` leaves the volume behind, `delete` deletes it with its data. Default: `protect`.
   */
  persistentDisks?: "protect" | "retain" | "delete";
  /** How the VMs of a group are kept on different hosts. Default: `soft-anti-affinity`. */
  antiAffinity?: "soft-anti-affinity" | "anti-affinity" | "none";
  /** Pool of floating IPs, one for each load balancer. Default: none; they have addresses of their subnet only. */
  floatingIpPool?: string;
  /** Designate zone of load balancers' names. */
  dnsZoneId?: string;
  /** Time servers of every VM. Default: the image's own. */
  ntp?: readonly string[];
  /** Local environment where packages are compiled that no release brings compiled. Default: none, releases must be compiled ones. */
  compilation?: { localEnvironment: string };
}
