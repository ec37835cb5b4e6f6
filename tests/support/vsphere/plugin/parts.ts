import type { Fields, Part } from "../../stand-in/kind.ts";
import type { Api } from "./api.ts";

type VspherePart = Part<Api>;
const there = async (api: Api, op: string, args: object): Promise<boolean> => (await api.call<{ there: boolean }>(op, args)).there;
const attached = (disks: Fields[]): number[] => disks.filter(({ attach }) => attach === true).map(({ unitNumber }) => unitNumber as number);

/** In the provider's schema only the trigger makes another VM; when it compares, any change of `clone` but its timeout does too. */
function replacesVm(olds: Fields, news: Fields, changed: readonly string[]): string[] {
  const cloned = ({ clone: { timeout: _, ...rest } = {} as Fields }: Fields) => JSON.stringify(rest, Object.keys(rest).sort());
  return changed.filter((key) => key === "replaceTrigger" || (key === "clone" && cloned(olds) !== cloned(news)));
}

export const virtualMachine: VspherePart = {
  type: "virtualMachine",
  replace: replacesVm,
  secrets: ["extraConfig"],
  create: async (api, inputs) => {
    const { id, moid } = await api.call<{ id: string; moid: string }>("createVM", inputs);
    return { id, outputs: { moid, uuid: id } };
  },
  async ready(api, id) {
    await api.call("powerOn", { id });
  },
  async update(api, id, _olds, news, changed) {
    const rest = changed.filter((key) => key !== "customAttributes" && key !== "tags");
    // The real provider would reconfigure it, and power it off if it must: ours must never come to it.
    if (rest.length > 0) throw new Error(`VirtualMachine was asked to change in place: ${rest.join(", ")}`);
    await api.call("updateVM", { id, customAttributes: news["customAttributes"] });
  },
  remove: (api, id, { disks }) => api.call("deleteVM", { id, keep: attached((disks ?? []) as Fields[]) }),
  isThere: (api, id) => there(api, "hasVM", { id }),
};

export const virtualDisk: VspherePart = {
  type: "virtualDisk",
  replace: ["vmdkPath", "datastore", "datacenter", "type", "adapterType", "createDirectories"],
  create: async (api, inputs) => {
    await api.call("createDisk", inputs);
    return { id: String(inputs["vmdkPath"]) };
  },
  async update(api, _id, olds, news) {
    if (Number(news["size"]) < Number(olds["size"])) throw new Error("shrinking a virtual disk is not supported");
    await api.call("extendDisk", news);
  },
  remove: (api, _id, state) => api.call("deleteDisk", state),
  isThere: (api, _id, state) => there(api, "hasDisk", state),
};

/** What has a name and goes by its id, with no update that the adapter could ask for. */
function plain(type: string, what: string, replace: readonly string[]): VspherePart {
  return {
    type,
    replace,
    create: (api, inputs) => api.call(`create${what}`, inputs),
    remove: (api, id) => api.call(`delete${what}`, { id }),
    isThere: async () => true,
  };
}

export const folder: VspherePart = plain("folder", "Folder", ["type", "datacenterId"]);
export const resourcePool: VspherePart = plain("resourcePool", "Pool", []);
export const customAttribute: VspherePart = plain("customAttribute", "Field", ["managedObjectType"]);

export const antiAffinity: VspherePart = {
  type: "computeClusterVmAntiAffinityRule",
  replace: ["computeClusterId"],
  create: async (api, inputs) => {
    await api.call("setRule", inputs);
    return { id: `${inputs["computeClusterId"]}:${inputs["name"]}` };
  },
  async update(api, _id, _olds, news) {
    await api.call("setRule", news);
  },
  remove: (api, _id, state) => api.call("deleteRule", state),
  isThere: (api, _id, state) => there(api, "hasRule", state),
};
