import { Secret } from "@pulumi/policy";
import { looksLikeCredential } from "../components/credential-looks.ts";
import { deploymentOf } from "./facts.ts";
import { defineRule, type CheckedResource, type Violation } from "./rule.ts";
import { names } from "./settings.ts";

/** Properties that an IaaS shows to everybody who may look, whatever Pulumi thinks of them. */
const SHOWN = ["tags", "tagsAll", "volumeTags", "labels", "annotations", "metadata", "description", "customAttributes"];

/** Credentials are generated or given as secrets, shown nowhere, and secret in the state. At level `remediate`, inputs that look like one become secret. */
export const secretHygiene = defineRule({
  name: "secret-hygiene",
  description: "Credentials are kept as secrets and shown nowhere.",
  config: {
    allow: names("Paths of manifest properties and of resource properties that are no credential after all."),
    secretOutputs: names("TYPE#OUTPUT that must be marked as secret by its program.", ["repave:index:LocalVm#mbusPassword", "repave:index:AgentSettings#mbusPassword", "repave:index:AgentSettings#userData"]),
  },
  checkResource(resource, { allow, secretOutputs }) {
    const plain = (deploymentOf(resource)?.inPlainText ?? []).map((path) => ({ path, message: `Deployment '${resource.name}' holds a credential as plain text: ${path}. Write ((NAME)) and let a variable generate it, or give it as a secret.` }));
    const shown = shownValues(resource)
      .filter(({ key, value }) => looksLikeCredential(key, value))
      .map(({ path }) => ({ path, message: `'${resource.name}' shows what looks like a credential in ${path}: everybody who may look at the IaaS can read it.` }));
    const open: Violation[] = secretOutputs
      .map((entry) => entry.split("#"))
      .filter(([type, output]) => type === resource.type && !resource.opts.additionalSecretOutputs.includes(output ?? ""))
      .map(([, output]) => ({ message: `The output '${output}' of '${resource.name}' is not marked as secret.` }));
    return [...[...plain, ...shown].filter(({ path }) => !allow.includes(path)).map(({ message }) => ({ message })), ...open];
  },
  // Only remediations are told which inputs are secrets.
  remediateResource: (args) => {
    const own = Object.fromEntries(Object.keys(args.props).map((key) => [key, Object.getOwnPropertyDescriptor(args.props, key)?.value as unknown]));
    const marked = markSecrets(own, "");
    return marked === own ? undefined : (marked as Record<string, unknown>);
  },
});

interface ShownValue {
  path: string;
  key: string;
  value: unknown;
}

function shownValues({ type, props }: CheckedResource): ShownValue[] {
  const roots = type === "kubernetes:core/v1:ConfigMap" ? [...SHOWN, "data"] : SHOWN;
  const own = roots.filter((root) => props[root] !== undefined).flatMap((root) => leaves(props[root], root));
  return type === "kubernetes:core/v1:Pod" ? [...own, ...podVariables(props)] : own;
}

/** Environment variables that a Pod holds itself instead of naming a Secret. */
function podVariables(props: Record<string, unknown>): ShownValue[] {
  const { spec } = props as { spec?: Record<string, { name?: string; env?: { name?: string; value?: string }[] }[] | undefined> };
  return ["containers", "initContainers"]
    .flatMap((kind) => spec?.[kind] ?? [])
    .flatMap((container) => (container.env ?? []).map(({ name = "", value }) => ({ path: `${container.name} env ${name}`, key: name, value })));
}

function leaves(value: unknown, path: string): ShownValue[] {
  if (value === null || typeof value !== "object") return [{ path, key: path.split(".").at(-1) ?? "", value }];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path}.${key}`));
}

/** The same value if nothing in it had to be marked. */
function markSecrets(value: unknown, key: string): unknown {
  // What our provider keeps out of the state stands there as a digest.
  if (typeof value === "string") return looksLikeCredential(key, value) && !value.startsWith("held:") ? new Secret(value) : value;
  if (value === null || typeof value !== "object" || value instanceof Secret) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => markSecrets(item, key));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, markSecrets(item, name), item] as const);
  return entries.some(([, marked, item]) => marked !== item) ? Object.fromEntries(entries.map(([name, marked]) => [name, marked])) : value;
}
