/** What the engine stores of a resource, as far as replaying looks at it; the rest goes through untouched. */
export interface StoredResource {
  urn: string;
  delete?: boolean;
  pendingReplacement?: boolean;
  parent?: string;
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
  replaceWith?: string[];
  viewOf?: string;
  aliases?: string[];
  [other: string]: unknown;
}

export interface StoredOperation {
  type: string;
  resource: StoredResource;
}

/** The engine's deployment, version 3 (4 where it has `features`): what a checkpoint holds. */
export interface StoredDeployment {
  manifest?: unknown;
  secrets_providers?: { type: string; state?: unknown };
  resources?: StoredResource[];
  pending_operations?: StoredOperation[];
  metadata?: unknown;
  snippets?: unknown[];
  extensions?: Record<string, unknown>;
}

const BY_PROPERTY: Record<string, string> = {
  refreshBeforeUpdate: "refreshBeforeUpdate",
  viewOf: "views",
  resourceHooks: "hooks",
  taint: "taint",
  replaceWith: "replaceWith",
  extensionRef: "extensionParameterization",
  snippetID: "snippets-prototype",
};

/** Names of what an older engine would not understand in these resources, sorted; it refuses a checkpoint that names them. */
export function featuresOf(deployment: StoredDeployment): string[] {
  const resources = [...(deployment.resources ?? []), ...(deployment.pending_operations ?? []).map((operation) => operation.resource)];
  const found = new Set((deployment.snippets ?? []).length > 0 ? [BY_PROPERTY["snippetID"]!] : []);
  for (const resource of resources) {
    for (const [property, feature] of Object.entries(BY_PROPERTY)) if (isSet(resource[property])) found.add(feature);
  }
  return [...found].sort();
}

function isSet(value: unknown): boolean {
  return Boolean(value) && !(typeof value === "object" && Object.keys(value as object).length === 0);
}
