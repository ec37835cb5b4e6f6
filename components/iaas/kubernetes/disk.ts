import * as pulumi from "@pulumi/pulumi";
import type { Disk, DiskArgs } from "../port.ts";
import { readProperties, type DiskProperties } from "./cloud-properties.ts";
import { annotationsOf, labelsOf, objectName } from "./names.ts";
import type { Shared } from "./shared.ts";

/** A persistent disk: a claim that outlives its Pods. Its size grows in place where the storage class lets it. */
export function declareDisk({ sdk, args, open, namespace, provider }: Shared, name: string, disk: DiskArgs, opts: pulumi.CustomResourceOptions): Disk {
  const properties = readProperties<DiskProperties>("disk_types", `disk type of ${disk.group}/${disk.instanceId}`, disk.cloudProperties);
  const ofAz = open.azs.find((az) => az.name === disk.az)?.cloudProperties["storage_class"] as string | undefined;
  const storageClassName = properties.storage_class ?? ofAz ?? args.storageClass;
  const policy = args.persistentDisks ?? "protect";
  const resource = new sdk.PersistentVolumeClaim(
    name,
    {
      metadata: {
        namespace,
        name: objectName(disk.deployment, disk.diskName),
        labels: { ...properties.labels, ...labelsOf(disk.tags) },
        annotations: { ...properties.annotations, ...annotationsOf(disk.tags) },
      },
      spec: { accessModes: ["ReadWriteOnce"], ...(storageClassName === undefined ? {} : { storageClassName }), resources: { requests: { storage: `${disk.sizeMiB}Mi` } } },
    },
    pulumi.mergeOptions(opts, { provider, deleteBeforeReplace: true, protect: policy === "protect", retainOnDelete: policy === "retain" }),
  );
  return { resource, cid: resource.metadata.name };
}
