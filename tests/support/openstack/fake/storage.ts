import { createHash } from "node:crypto";
import { Refused, type Guests, type Route, type Store } from "./store.ts";

export function volumeRoutes(store: Store, guests: Guests | undefined): Route[] {
  const gigabytes = () => store.volumes.all().reduce((sum, v) => sum + Number(v["size"]), 0);
  const within = (more: number) => {
    if (gigabytes() + more > store.quota.gigabytes) throw new Refused(413, `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${more}G, quota is ${store.quota.gigabytes}G and ${gigabytes()}G has been consumed.`);
  };
  return [
    ["GET", /^\/volume\/v3\/[^/]+\/limits$/, () => ({ body: { limits: { absolute: { maxTotalVolumes: store.quota.volumes, totalVolumesUsed: store.volumes.all().length, maxTotalVolumeGigabytes: store.quota.gigabytes, totalGigabytesUsed: gigabytes() } } } })],
    ["GET", /^\/volume\/v3\/[^/]+\/volumes\/detail$/, () => ({ body: { volumes: store.volumes.all() } })],
    ["POST", /^\/volume\/v3\/[^/]+\/volumes$/, ({ body }) => (within(body.volume.size), { status: 202, body: { volume: store.volumes.add({ metadata: {}, ...body.volume, status: "available", attachments: [] }) } })],
    ["GET", /^\/volume\/v3\/[^/]+\/volumes\/([^/]+)$/, ({ params }) => ({ body: { volume: store.volumes.get(params[0]!) } })],
    ["PUT", /^\/volume\/v3\/[^/]+\/volumes\/([^/]+)$/, ({ params, body }) => ({ body: { volume: Object.assign(store.volumes.get(params[0]!), body.volume) } })],
    [
      "POST",
      /^\/volume\/v3\/[^/]+\/volumes\/([^/]+)\/action$/,
      async ({ params, body }) => {
        const volume = store.volumes.get(params[0]!);
        const size = Number(body["os-extend"].new_size);
        if (size <= Number(volume["size"])) throw new Refused(400, `New size for extend must be greater than current size. (current: ${volume["size"]}, extended: ${size}).`);
        within(size - Number(volume["size"]));
        volume["size"] = size;
        await guests?.grow(volume);
        return { status: 202 };
      },
    ],
    [
      "DELETE",
      /^\/volume\/v3\/[^/]+\/volumes\/([^/]+)$/,
      async ({ params }) => {
        const volume = store.volumes.get(params[0]!);
        if (volume["status"] !== "available") throw new Refused(400, `Invalid volume: Volume status must be available or error or error_restoring, but current status is: ${volume["status"]}.`);
        await guests?.forget(volume);
        store.volumes.remove(volume.id);
        return { status: 202 };
      },
    ],
  ];
}

export function imageRoutes(store: Store): Route[] {
  return [
    ["GET", /^\/image\/v2\/images$/, () => ({ body: { images: store.images.all() } })],
    ["POST", /^\/image\/v2\/images$/, ({ body }) => ({ status: 201, body: store.images.add({ ...body, status: "queued" }) })],
    ["PUT", /^\/image\/v2\/images\/([^/]+)\/file$/, ({ params, raw }) => (Object.assign(store.images.get(params[0]!), { status: "active", checksum: createHash("md5").update(raw).digest("hex"), size: raw.length }), { status: 204 })],
    ["GET", /^\/image\/v2\/images\/([^/]+)$/, ({ params }) => ({ body: store.images.get(params[0]!) })],
    [
      "DELETE",
      /^\/image\/v2\/images\/([^/]+)$/,
      ({ params }) => {
        if (store.images.get(params[0]!)["protected"]) throw new Refused(403, `Image ${params[0]} is protected and cannot be deleted.`);
        store.images.remove(params[0]!);
        return { status: 204 };
      },
    ],
  ];
}
