import type { Look } from "./seen.ts";

/** Clouds that can be asked what they have of an environment, by their provider's name. Each is loaded where it is needed. */
export const clouds: Readonly<Record<string, () => Promise<Look>>> = {
  openstack: async () => (await import("./openstack/look.ts")).lookAtOpenstack,
  aws: async () => (await import("./aws/look.ts")).lookAtAws,
  kubernetes: async () => (await import("./kubernetes/look.ts")).lookAtKubernetes,
  vsphere: async () => (await import("./vsphere/look.ts")).lookAtVsphere,
};
