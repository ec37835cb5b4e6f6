// A stand-in for the Kubernetes provider where no real one can be had: the kinds that the adapter uses, with the replace rules of the
// provider's documents, by server-side apply over the API server's HTTP. Started by the engine.
import { z } from "zod";
import { PartialFailure, type ResourceKind } from "../../../../provider/resource-kind.ts";
import { UNKNOWN } from "../../../../provider/rpc/values.ts";
import type { Fields } from "../../stand-in/kind.ts";
import { serveStandIn } from "../../stand-in/serve.ts";
import { Api } from "./api.ts";
import { changedPaths } from "./paths.ts";

const DEADLINE_MS = Number(process.env["FAKE_KUBERNETES_DEADLINE_MS"] ?? 120_000);
const plurals: Record<string, string> = {
  "core/v1:Namespace": "/api/v1/namespaces",
  "core/v1:Secret": "/api/v1/secrets",
  "core/v1:Service": "/api/v1/services",
  "core/v1:Pod": "/api/v1/pods",
  "core/v1:PersistentVolumeClaim": "/api/v1/persistentvolumeclaims",
  "networking.k8s.io/v1:NetworkPolicy": "/apis/networking.k8s.io/v1/networkpolicies",
  "policy/v1:PodDisruptionBudget": "/apis/policy/v1/poddisruptionbudgets",
};

let api: Api | undefined;
const server = (): Api => {
  const given = process.env["KUBECONFIG"];
  if (api === undefined && given === undefined) throw new Error("configured Kubernetes cluster is unreachable: no kubeconfig");
  return (api ??= new Api(given!));
};

function pathOf(plural: string, { metadata }: Fields): string {
  const at = plural.lastIndexOf("/");
  const within = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${plural.slice(0, at)}${within}${plural.slice(at)}/${metadata.name}`;
}

/** The wait that the annotation asks for: `jsonpath={.status.phase}=Running`, or that the path is there. */
function waitedFor({ metadata }: Fields): (object: Fields) => boolean {
  const asked = metadata.annotations?.["pulumi.com/waitFor"] as string | undefined;
  if (asked === undefined) return () => true;
  const [, path = "", value] = /^jsonpath=\{\.([^}]+)\}(?:=(.*))?$/.exec(asked)!;
  return (object) => {
    const found = path.split(".").reduce<unknown>((at, key) => (at as Fields | undefined)?.[key], object);
    return value === undefined ? found !== undefined : found === value;
  };
}

const outputs = ({ metadata, spec, status }: Fields, news: Fields): Fields => ({ ...news, metadata: { ...news["metadata"], uid: metadata.uid }, ...(spec ? { spec } : {}), status });

function kindOf(type: string, plural: string): ResourceKind<Fields, Fields> {
  async function apply(news: Fields): Promise<Fields> {
    const path = pathOf(plural, news);
    const id = idOf(news);
    const object = await server().apply(path, news);
    try {
      return outputs(await server().until(path, waitedFor(news), DEADLINE_MS), news);
    } catch (error) {
      throw new PartialFailure(id, outputs(object, news), new Error(`the Kubernetes API server reported that ${JSON.stringify(id)} failed to fully initialize or become live: ${(error as Error).message}`));
    }
  }
  return {
    type: `kubernetes:${type}`,
    schema: z.record(z.string(), z.any()),
    diff: () => ({ changed: [], replace: [], deleteBeforeReplace: false }),
    foresee: (news, olds) => (olds ? { ...olds, ...news, metadata: { ...olds["metadata"], ...news["metadata"] } } : { metadata: { ...news["metadata"], uid: UNKNOWN }, status: UNKNOWN }),
    async create(news) {
      const state = await apply(news);
      return { id: idOf(news), state };
    },
    update: (_id, _olds, news) => apply(news),
    delete: (_id, state) => server().remove(pathOf(plural, state), DEADLINE_MS),
    async read(_id, state) {
      const found = await server().find(pathOf(plural, state));
      return found === undefined ? undefined : { ...state, metadata: { ...state["metadata"], uid: found["metadata"].uid }, status: found["status"] };
    },
  };
}

function idOf({ metadata }: Fields): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

serveStandIn({
  kinds: Object.entries(plurals).map(([type, plural]) => kindOf(type, plural)),
  configure(inputs) {
    if (typeof inputs["kubeconfig"] === "string") api = new Api(inputs["kubeconfig"]);
  },
  paths: changedPaths,
});
