import type { ApiServer } from "./api-server.ts";
import type { Judge } from "./fake/index.ts";
import { Refused, type Thing } from "./fake/objects.ts";

const MERGE = "application/merge-patch+json";

/** Hands every write on to a real API server, and does there what controllers would: it has none. */
export function judgeBy(server: ApiServer): Judge {
  return {
    async apply(path, wanted, old) {
      // Only a claim that is bound may grow.
      if (old?.kind === "PersistentVolumeClaim" && old.status.phase === "Bound") await server.write("PATCH", `${path}/status`, JSON.stringify({ status: { phase: "Bound", capacity: old.spec.resources.requests } }), MERGE);
      await server.write("PATCH", `${path}?fieldManager=pulumi-kubernetes&force=true`, JSON.stringify(wanted));
    },
    async delete(path, thing) {
      try {
        await server.write("DELETE", `${path}?gracePeriodSeconds=0`);
        if (thing.kind === "Namespace") await finalize(server, path);
      } catch (error) {
        // A deletion that is asked for again while the fake's guests end.
        if (!(error instanceof Refused) || error.status !== 404) throw error;
      }
    },
  };
}

async function finalize(server: ApiServer, path: string): Promise<void> {
  const namespace: Thing = await server.write("GET", path);
  await server.write("PUT", `${path}/finalize`, JSON.stringify({ ...namespace, spec: { finalizers: [] } }), "application/json");
}
