import type { z } from "zod";
import { jobSchema } from "./job-schema.ts";
import { choice, hash, integer, items, list, object, text, untyped } from "./kinds.ts";
import { groupUpdateSchema } from "./update-schema.ts";

export const vmResourcesSchema = object(
  {
    cpu: integer("Number of CPUs"),
    ram: integer("Memory in MB"),
    ephemeral_disk_size: integer("Disk in MB"),
  },
  "Size of the VM, instead of a `vm_type`",
);

const groupNetworkSchema = object(
  {
    name: text("Name of a network of the cloud config"),
    static_ips: untyped<string | readonly string[]>("Addresses, ranges `a - b` or CIDRs; as many as instances").optional(),
    default: items<"dns" | "gateway" | "addressable">("What this network is the default for; needed with several networks").optional(),
    nic_group: text("Networks of one group share an interface").optional(),
  },
  "One network of the group",
);

export const instanceGroupSchema = object(
  {
    name: text("Name of the group"),
    instances: integer("Number of instances; 0 is allowed"),
    azs: items("AZs to spread over").optional(),
    jobs: list(jobSchema, "Jobs on every instance; may be empty"),
    vm_type: text("A VM type of the cloud config; this or `vm_resources`").optional(),
    vm_resources: vmResourcesSchema.optional(),
    vm_extensions: items("VM extensions of the cloud config, in order").optional(),
    stemcell: text("Alias of a stemcell"),
    persistent_disk: integer("Size of the persistent disk in MB; 0 is none").optional(),
    persistent_disk_type: text("A disk type of the cloud config").optional(),
    persistent_disks: items<{ name: string; type: string }>("Disks that are attached, not mounted; each is also a link of type `disk`").optional(),
    networks: list(groupNetworkSchema, "Networks of every instance"),
    update: groupUpdateSchema.optional(),
    migrated_from: list(
      object({ name: text("Former name of the group"), az: text("AZ its instances were in, where they had none").optional() }, "A former group"),
      "Groups whose instances and disks this one takes over",
    ).optional(),
    lifecycle: choice(["service", "errand"], "`errand` groups have VMs only while they run; default `service`").optional(),
    state: choice(["started", "stopped", "detached", "recreate", "restart"], "State of all its instances; set by the stop, start and restart commands").optional(),
    instance_states: hash("The same for single instances, by id or index").optional(),
    env: hash("Settings for the VM's agent, such as `bosh.swap_size`").optional(),
    tags: hash("Tags of its VMs").optional(),
    properties: hash("Deprecated: properties of its jobs that have none").optional(),
  },
  "One instance group",
);

export type InstanceGroupInput = z.input<typeof instanceGroupSchema>;
