import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ApiError, type Api } from "./api.ts";
import type { Fields, Part } from "./kind.ts";

const server = async (api: Api, id: string): Promise<Fields> => (await api.call<{ server: Fields }>("compute", "GET", `/servers/${id}`)).server;

export const instance: Part = {
  type: "compute/instance:Instance",
  replace: ["availabilityZone", "availabilityZoneHints", "configDrive", "keyPair", "networks", "networkMode", "region", "userData", "blockDevices", "schedulerHints"],
  async create(api, inputs) {
    const { flavors } = await api.call<{ flavors: Fields[] }>("compute", "GET", "/flavors/detail");
    const flavor = flavors.find((f) => f["name"] === inputs["flavorName"]);
    if (!flavor) throw new Error(`Unable to find flavor with name ${inputs["flavorName"]}`);
    const [hints] = (inputs["schedulerHints"] ?? []) as Fields[];
    const body = {
      server: {
        name: inputs["name"],
        flavorRef: flavor["id"],
        imageRef: inputs["imageId"],
        availability_zone: inputs["availabilityZone"],
        config_drive: inputs["configDrive"],
        key_name: inputs["keyPair"],
        metadata: inputs["metadata"],
        networks: (inputs["networks"] as Fields[]).map(({ port }) => ({ port: port as string })),
        user_data: Buffer.from(String(inputs["userData"] ?? "")).toString("base64"),
      },
      ...(hints?.["group"] ? { "os:scheduler_hints": { group: hints["group"] as string } } : {}),
    };
    const made = await api.call<{ server: Fields }>("compute", "POST", "/servers", body);
    return { id: String(made.server["id"]) };
  },
  async ready(api, id) {
    const done = await api.until(() => server(api, id), (s) => s["status"] === "ACTIVE", (s) => (s["status"] === "ERROR" ? `Error waiting for instance (${id}) to become ready: ${JSON.stringify(s["fault"])}` : undefined));
    return { accessIpV4: "", allMetadata: done["metadata"] };
  },
  async update(api, id, _olds, news, changed) {
    const rest = changed.filter((key) => key !== "metadata" && key !== "name");
    // In the real provider these rebuild or resize: ours must never come to it.
    if (rest.length > 0) throw new Error(`compute.Instance was asked to change in place: ${rest.join(", ")}`);
    if (changed.includes("metadata")) await api.call("compute", "POST", `/servers/${id}/metadata`, { metadata: news["metadata"] });
    if (changed.includes("name")) await api.call("compute", "PUT", `/servers/${id}`, { server: { name: news["name"] } });
  },
  async remove(api, id) {
    await api.remove("compute", `/servers/${id}`);
    await api.until(() => api.isThere("compute", `/servers/${id}`), (there) => !there);
  },
  isThere: (api, id) => api.isThere("compute", `/servers/${id}`),
};

export const serverGroup: Part = {
  type: "compute/serverGroup:ServerGroup",
  replace: ["name", "policies", "rules", "valueSpecs", "region"],
  async create(api, inputs) {
    const made = await api.call<{ server_group: Fields }>("compute", "POST", "/os-server-groups", { server_group: { name: inputs["name"], policies: inputs["policies"] } });
    return { id: String(made.server_group["id"]) };
  },
  remove: (api, id) => api.remove("compute", `/os-server-groups/${id}`),
  isThere: (api, id) => api.isThere("compute", `/os-server-groups/${id}`),
};

export const volume: Part = {
  type: "blockstorage/volume:Volume",
  replace: ["availabilityZone", "imageId", "snapshotId", "sourceVolId", "backupId", "region"],
  async create(api, inputs) {
    const made = await api.call<{ volume: Fields }>("block-storage", "POST", "/volumes", { volume: { name: inputs["name"], size: inputs["size"], volume_type: inputs["volumeType"], availability_zone: inputs["availabilityZone"], metadata: inputs["metadata"] } });
    return { id: String(made.volume["id"]) };
  },
  async update(api, id, olds, news, changed) {
    if (changed.includes("size")) {
      if (!news["enableOnlineResize"] && (await attachmentsOf(api, id)) > 0) throw new Error("the volume is attached, and enable_online_resize is not set");
      if (news["size"] < olds["size"]) throw new Error(`Error extending openstack_blockstorage_volume_v3 ${id}: a volume can't shrink`);
      await api.call("block-storage", "POST", `/volumes/${id}/action`, { "os-extend": { new_size: news["size"] } });
    }
    const rest = changed.filter((key) => key !== "size");
    if (rest.length > 0) await api.call("block-storage", "PUT", `/volumes/${id}`, { volume: { name: news["name"], metadata: news["metadata"] } });
  },
  async remove(api, id) {
    await api.until(async () => (await api.isThere("block-storage", `/volumes/${id}`)) && (await attachmentsOf(api, id)) > 0, (attached) => !attached);
    await api.remove("block-storage", `/volumes/${id}`);
  },
  isThere: (api, id) => api.isThere("block-storage", `/volumes/${id}`),
};

async function attachmentsOf(api: Api, id: string): Promise<number> {
  return (await api.call<{ volume: Fields }>("block-storage", "GET", `/volumes/${id}`)).volume["attachments"].length as number;
}

export const volumeAttach: Part = {
  type: "compute/volumeAttach:VolumeAttach",
  replace: ["instanceId", "volumeId", "multiattach", "region"],
  async create(api, inputs) {
    const { instanceId, volumeId } = inputs as { instanceId: string; volumeId: string };
    const made = await api.call<{ volumeAttachment: Fields }>("compute", "POST", `/servers/${instanceId}/os-volume_attachments`, { volumeAttachment: { volumeId } });
    return { id: `${instanceId}/${volumeId}`, outputs: { device: made.volumeAttachment["device"] } };
  },
  async remove(api, id) {
    const [instanceId = "", volumeId = ""] = id.split("/");
    await api.remove("compute", `/servers/${instanceId}/os-volume_attachments/${volumeId}`);
    await api.until(() => attachmentsOf(api, volumeId), (count) => count === 0);
  },
  isThere: (api, id) => {
    const [instanceId = "", volumeId = ""] = id.split("/");
    return api.isThere("compute", `/servers/${instanceId}/os-volume_attachments/${volumeId}`);
  },
};

export const image: Part = {
  type: "images/image:Image",
  replace: ["localFilePath", "imageSourceUrl", "diskFormat", "containerFormat", "imageId"],
  async create(api, inputs) {
    const made = await api.call<Fields>("image", "POST", "/v2/images", { name: inputs["name"], disk_format: inputs["diskFormat"], container_format: inputs["containerFormat"], visibility: inputs["visibility"], tags: inputs["tags"], ...(inputs["properties"] as Fields) });
    return { id: String(made["id"]) };
  },
  async ready(api, id, inputs) {
    const { status } = await api.call<Fields>("image", "GET", `/v2/images/${id}`);
    if (status === "active") return;
    const content = readFileSync(String(inputs["localFilePath"]));
    await api.call("image", "PUT", `/v2/images/${id}/file`, content);
    const { checksum } = await api.call<Fields>("image", "GET", `/v2/images/${id}`);
    if (checksum !== createHash("md5").update(content).digest("hex")) throw new ApiError(500, "uploading image", "Wrong checksum");
  },
  remove: (api, id) => api.remove("image", `/v2/images/${id}`),
  isThere: (api, id) => api.isThere("image", `/v2/images/${id}`),
};
