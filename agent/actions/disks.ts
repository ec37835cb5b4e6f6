import type { DiskHint } from "../../director/protocol/index.ts";
import { asObject, asString } from "../decode.ts";
import { checkedCid } from "../disks.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";

export function diskActions({ disks, settings }: Context): Record<string, Action> {
  return {
    add_persistent_disk: {
      async: true,
      required: 2,
      async run([cid, hint]) {
        settings.addDisk(checkedCid(cid), decodeHint(hint));
        return {};
      },
    },
    remove_persistent_disk: {
      async: true,
      required: 1,
      async run([cid]) {
        disks.forget(asString(cid, "disk cid"));
        return {};
      },
    },
    mount_disk: {
      async: true,
      required: 1,
      async run([cid]) {
        settings.reload();
        await disks.mount(asString(cid, "disk cid"));
        return {};
      },
    },
    unmount_disk: {
      async: true,
      required: 1,
      async run([argument]) {
        const cid = asString(argument, "disk cid");
        const description = JSON.stringify({ ID: cid });
        return { message: (await disks.unmount(cid)) ? `Unmounted partition of ${description}` : `Partition of ${description} is not mounted` };
      },
    },
    migrate_disk: {
      async: true,
      required: 0,
      async run() {
        await disks.migrate();
        return {};
      },
    },
    list_disk: {
      async: (protocol) => protocol >= 3,
      required: 0,
      async run() {
        settings.reload();
        return disks.mounted();
      },
    },
  };
}

function decodeHint(hint: unknown): DiskHint {
  if (typeof hint === "string") return hint;
  const fields = asObject(hint, "disk hint");
  return { ...fields, path: asString(fields.path, "disk hint.path") };
}
