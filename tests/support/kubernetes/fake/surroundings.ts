import { Refused } from "./objects.ts";

/** What a cluster says of itself and of rights in it, and what nobody makes here. */
export class Surroundings {
  readonly lists: Record<string, object[]> = {
    "/api/v1/nodes": ["a", "b", "c"].map((zone) => ({
      metadata: { name: `host-${zone}`, labels: { "topology.kubernetes.io/zone": `zone-${zone}` } },
      spec: {},
      status: { allocatable: { cpu: "3920m", memory: "16Gi", pods: "110" }, conditions: [{ type: "Ready", status: "True" }] },
    })),
    "/apis/storage.k8s.io/v1/storageclasses": [{ metadata: { name: "ssd", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } }, allowVolumeExpansion: true }],
    "/api/v1/resourcequotas": [],
  };
  /** Rights that the user has not: `create pods`. */
  readonly denied = new Set<string>();

  answer(method: string, path: string, body: readonly Buffer[]): unknown {
    if (path === "/version") return { major: "1", minor: "34", gitVersion: "v1.34.0" };
    const items = this.lists[path];
    if (items !== undefined) {
      const what = `list ${path.split("/").at(-1)}`;
      if (this.denied.has(what)) throw new Refused(403, "Forbidden", `User "u" cannot ${what}`);
      return { kind: "List", items };
    }
    if (method !== "POST" || path !== "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return undefined;
    const { spec } = JSON.parse(Buffer.concat(body).toString("utf8")) as { spec: { resourceAttributes: { verb: string; resource: string } } };
    return { spec, status: { allowed: !this.denied.has(`${spec.resourceAttributes.verb} ${spec.resourceAttributes.resource}`) } };
  }
}
