import type { z } from "zod";
import { choice, flag, object, text } from "./kinds.ts";

const shape = {
  canaries: text("Instances updated first in the first AZ: `N` or `N%` of the instances that change there"),
  max_in_flight: text("Instances updated at once within an AZ: `N` or `N%`; a result below one counts as one"),
  canary_watch_time: text("Milliseconds to wait for a canary: `N`, or `MIN-MAX` to poll from MIN on until MAX"),
  update_watch_time: text("Milliseconds to wait for any other instance: `N` or `MIN-MAX`"),
};

const optional = {
  serial: flag("Update this group by itself, not together with its neighbours that say false").optional(),
  vm_strategy: choice(["delete-create", "create-swap-delete"], "How a VM is replaced; default `delete-create`").optional(),
  initial_deploy_az_update_strategy: choice(["serial", "parallel"], "Whether the very first deploy takes one AZ after the other; default `serial`").optional(),
  max_surge: text("Beyond BOSH: how many VMs beyond its instances the group may have in an AZ; with delete-create so many more are renewed at once, their new VM first (default 0); with create-swap-delete a bound (default: none)").optional(),
  az_order: choice(["serial", "parallel"], "Beyond BOSH: `parallel` gives every AZ its own `max_in_flight` at once, after the canaries; default `serial`").optional(),
  allow_replace: flag("Beyond BOSH: `false` refuses every update that would replace or remove a VM of the group; default true").optional(),
  quorum: flag("Beyond BOSH: more than half of the group must stay up, else the update is refused; known of `pxc-mysql`, `etcd`, `consul`, `zookeeper`").optional(),
  min_in_service: text("Beyond BOSH: instances that must stay up at any moment of an update, `N` or `N%`, else it is refused; for pools that carry load").optional(),
};

export const updateSchema = object({ ...shape, ...optional }, "How changes roll out");

export const groupUpdateSchema = object(
  {
    canaries: shape.canaries.optional(),
    max_in_flight: shape.max_in_flight.optional(),
    canary_watch_time: shape.canary_watch_time.optional(),
    update_watch_time: shape.update_watch_time.optional(),
    ...optional,
  },
  "Overrides of the deployment's `update` for this group",
);

export type UpdateInput = z.input<typeof updateSchema>;
