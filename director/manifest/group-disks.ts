import type { z } from "zod";
import type { InstanceGroupSpec } from "../spec/deployment.ts";
import { repeated } from "../spec/duplicates.ts";
import type { instanceGroupSchema } from "../spec/instance-group-schema.ts";
import type { YamlPath } from "../spec/issues.ts";
import { isHash, type Readable } from "../spec/read.ts";
import type { ManifestContext } from "./context.ts";

type Disks = Pick<InstanceGroupSpec, "persistentDisk" | "persistentDiskType" | "persistentDisks">;

/** Reads a group's persistent disks: one managed disk by size or type, or several that are only attached. */
export function readGroupDisks(group: string, input: Readable<z.output<typeof instanceGroupSchema>>, path: YamlPath, context: ManifestContext): Disks {
  const { report, cloud } = context;
  const { persistent_disk: size, persistent_disk_type: type, persistent_disks: disks } = input;
  const invalid = (key: string, message: string): void => report.add([...path, key], message, { directorCode: 140013 });
  if ([size, type, disks].filter((item) => item !== undefined).length > 1) {
    const keys = "'persistent_disk', 'persistent_disk_type', and 'persistent_disks'. Choose one.";
    report.add(path, `Instance group '${group}' specifies more than one of the following keys: ${keys}`, { directorCode: 140013 });
  }
  if (size !== undefined && size < 0) invalid("persistent_disk", `Instance group '${group}' references an invalid persistent disk size '${size}'`);
  const diskType = cloud?.diskTypes.find((item) => item.name === type);
  if (type !== undefined && cloud !== undefined && diskType === undefined) {
    report.add([...path, "persistent_disk_type"], `Instance group '${group}' references an unknown disk type '${type}'`, { directorCode: 140012 });
  }
  return {
    persistentDisk: diskType?.diskSize ?? Math.max(0, size ?? 0),
    ...(type === undefined ? {} : { persistentDiskType: type }),
    persistentDisks: readAttached(group, disks ?? [], path, context, invalid),
  };
}

function readAttached(
  group: string,
  disks: readonly unknown[],
  path: YamlPath,
  context: ManifestContext,
  invalid: (key: string, message: string) => void,
): { name: string; type: string }[] {
  const entries = disks.map((disk) => (isHash(disk) ? disk : {}));
  if (repeated(entries, (disk) => disk["name"] ?? null).length > 0) {
    invalid("persistent_disks", `Instance group '${group}' persistent_disks's section contains duplicate names`);
  }
  return entries.flatMap(({ name, type }, i) => {
    if (context.cloud !== undefined && !context.cloud.diskTypes.some((item) => item.name === type)) {
      const message = `Instance group '${group}' persistent_disks's section references an unknown disk type '${String(type ?? "")}'`;
      context.report.add([...path, "persistent_disks", i, "type"], message, { directorCode: 140012 });
    }
    if (typeof name !== "string" || name.trim() === "") {
      invalid("persistent_disks", `Instance group '${group}' persistent_disks's section contains a disk with no name`);
      return [];
    }
    return [{ name, type: String(type) }];
  });
}
