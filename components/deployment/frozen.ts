import type { InstanceInputs } from "../../provider/resources/instance.ts";

/**
 * The inputs of an ignored instance, which stay as the state has them. Not its DNS records: the state holds a digest where its check
 * asks for them, and they are no reason to touch it.
 */
const inputs: Record<Exclude<keyof InstanceInputs, "dns">, true> = {
  deployment: true,
  group: true,
  instanceId: true,
  index: true,
  az: true,
  bootstrap: true,
  vmCid: true,
  slot: true,
  endsOldVm: true,
  access: true,
  networks: true,
  jobs: true,
  packages: true,
  configurationHash: true,
  templates: true,
  disk: true,
  diskHint: true,
  diskSize: true,
  canary: true,
  watchTime: true,
  state: true,
  restartBefore: true,
};

export const frozenInstance = { ignoreChanges: Object.keys(inputs) };

/** A VM or disk of an ignored instance; which inputs those have is their adapter's. */
export const frozen = { ignoreChanges: ["*"] };
