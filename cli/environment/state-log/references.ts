import type { StoredDeployment, StoredResource } from "./deployment.ts";

type Rename = (urn: string) => string;

/**
 * Names every resource by its own URN and no other: a resource that was found under an alias is named anew wherever others name it, and
 * so is what is below it. Aliases themselves are not stored.
 */
export function withoutAliases(deployment: StoredDeployment): StoredDeployment {
  const resources = deployment.resources ?? [];
  const renamed = new Map<string, string>();
  for (const { urn, aliases = [], parent } of resources) {
    for (const alias of aliases) renamed.set(alias, urn);
    const newParent = parent === undefined ? undefined : renamed.get(parent);
    if (newParent !== undefined && qualifiedType(newParent) !== "pulumi:pulumi:Stack") renamed.set(urn, below(newParent, urn));
  }
  if (renamed.size === 0) return deployment;
  const rename: Rename = (urn) => renamed.get(urn) ?? urn;
  return { ...deployment, resources: resources.map((resource) => withReferences(resource, rename)) };
}

function withReferences({ aliases: _, ...resource }: StoredResource, rename: Rename): StoredResource {
  const result: StoredResource = { ...resource, urn: rename(resource.urn) };
  for (const key of ["parent", "deletedWith", "viewOf"] as const) if (resource[key]) result[key] = rename(resource[key]);
  if (resource.dependencies) result.dependencies = resource.dependencies.map(rename);
  if (resource.propertyDependencies) result.propertyDependencies = eachOf(resource.propertyDependencies, (urns) => urns.map(rename));
  if (resource.provider) {
    // URN::ID
    const at = resource.provider.lastIndexOf("::");
    result.provider = rename(resource.provider.slice(0, at)) + resource.provider.slice(at);
  }
  return result;
}

/** After a refresh, which may take away what others still name. The list goes from what is depended on to what depends. */
export function withoutDangling(resources: readonly StoredResource[]): StoredResource[] {
  const all = new Set(resources.map(({ urn }) => urn));
  const there = new Set<string>();
  const parents = new Map<string, string | undefined>();
  return resources.map((resource) => {
    const known = (urns: readonly string[]) => urns.filter((urn) => there.has(urn));
    const result: StoredResource = { ...resource };
    if (resource.dependencies) result.dependencies = known(resource.dependencies);
    if (resource.propertyDependencies) result.propertyDependencies = eachOf(resource.propertyDependencies, known);
    if (resource.replaceWith) result.replaceWith = known(resource.replaceWith);
    if (resource.deletedWith && !there.has(resource.deletedWith)) delete result.deletedWith;
    if (resource.parent && !all.has(resource.parent)) setOrDelete(result, parents.get(resource.parent));
    parents.set(resource.urn, result.parent);
    there.add(resource.urn);
    return result;
  });
}

function setOrDelete(resource: StoredResource, parent: string | undefined): void {
  if (parent === undefined) delete resource.parent;
  else resource.parent = parent;
}

function eachOf(map: Record<string, string[] | null>, change: (urns: string[]) => string[]): Record<string, string[]> {
  return Object.fromEntries(Object.entries(map).map(([key, urns]) => [key, change(urns ?? [])]));
}

// urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME

function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

function below(parent: string, urn: string): string {
  const [stack, project, type = "", ...name] = urn.split("::");
  return [stack, project, `${qualifiedType(parent)}$${type.split("$").pop()}`, ...name].join("::");
}
