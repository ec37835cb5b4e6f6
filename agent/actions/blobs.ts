import { compile } from "../applier/compiler.ts";
import { asInteger, asList, asObject, asString } from "../decode.ts";
import { saveRecords, savedVersion } from "../dns.ts";
import { remove } from "../files.ts";
import { packLogs } from "../log-archive.ts";
import { decodePackage } from "../spec.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";

/** Actions whose matter travels as blobs: sources, logs, DNS records. */
export function blobActions(context: Context): Record<string, Action> {
  const { blobs, layout, options, settings } = context;
  return {
    upload_blob: {
      async: true,
      required: 1,
      async run([argument]) {
        const blob = asObject(argument, "blob");
        const id = asString(blob.blob_id, "blob_id");
        await blobs.putSensitive(id, Buffer.from(asString(blob.payload, "payload"), "base64"), asString(blob.checksum, "checksum"));
        return id;
      },
    },
    compile_package: {
      async: true,
      required: 5,
      async run([blobId, digest, nameArg, version, depsArg]) {
        const name = asString(nameArg, "name");
        const deps = Object.entries(asObject(depsArg, "deps")).map(([key, dep]) => decodePackage(asObject(dep, `deps.${key}`), `deps.${key}`));
        const source = { blobstoreId: asString(blobId, "blobstore_id"), digest: asString(digest, "sha1") };
        const result = await compile({ source, name, version: asString(version, "version"), deps }, context).catch((error: unknown) => {
          throw new Error(`Compiling package ${name}: ${error instanceof Error ? error.message : String(error)}`);
        });
        return { result: { blobstore_id: result.id, sha1: result.sha1 } };
      },
    },
    fetch_logs: {
      async: true,
      required: 2,
      async run([types, filters]) {
        const wanted = asList(filters, "filters").map((filter) => asString(filter, "filters"));
        const { id, sha1 } = await blobs.adopt(await packLogs(asString(types, "log type"), wanted, layout));
        return { blobstore_id: id, sha1 };
      },
    },
    sync_dns: {
      async: false,
      required: 3,
      async run([blobId, digest, versionArg]) {
        const version = asInteger(versionArg, "version");
        const id = asString(blobId, "blob id");
        if (savedVersion(layout.dnsRecords) >= version) return "synced";
        const blobFile = await blobs.fetch(id, asString(digest, "digest")).catch((error: unknown) => {
          throw new Error(`getting ${id} from blobstore: ${error instanceof Error ? error.message : String(error)}`);
        });
        if (savedVersion(layout.dnsRecords) >= version) return "synced";
        saveRecords({ blobFile, version, recordsFile: layout.dnsRecords, hostsFile: options.hostsFile, hostName: settings.agentId });
        return "synced";
      },
    },
    remove_file: {
      async: false,
      required: 1,
      async run([argument]) {
        const file = asString(argument, "path");
        if (!/^\/+[^/]/.test(file)) throw new Error(`'${file}' is not an absolute path`);
        remove(file);
        return file;
      },
    },
  };
}
