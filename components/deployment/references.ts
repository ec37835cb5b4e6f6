import { referencesIn, splitReference } from "../../director/manifest/interpolation/references.ts";
import { withPositions, type WrittenDocument } from "../../director/manifest/positions.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { pointerOf, throwIssues, type Issue, type YamlPath } from "../../director/spec/issues.ts";

interface Place {
  path: YamlPath;
  document: string;
  root: unknown;
  written: WrittenDocument | undefined;
}

export interface ReferenceCheck {
  spec: DeploymentSpec;
  /** Whether a name has a value that no definition stands for. */
  has(name: string): boolean;
  /** Where references may be written. */
  documents: readonly { name: string; value: unknown; written: WrittenDocument | undefined }[];
}

/** Refuses references that nothing gives a value, all at once, each with the place of its first use. */
export function checkReferences({ spec, has, documents }: ReferenceCheck): void {
  const defined = new Set(spec.variables.map((variable) => variable.name));
  const known = (name: string): boolean => defined.has(name) || has(name);
  const used = [spec.instanceGroups, spec.variables].flatMap((part) => [...rootsOf(part).keys()]);
  const signers = spec.variables.flatMap(({ options }) => (typeof options["ca"] === "string" && !options["ca"].includes("((") ? [options["ca"]] : []));
  const missing = [...new Set([...used, ...signers])].filter((name) => !known(name)).sort();
  if (missing.length === 0) return;
  const places = new Map<string, Place>();
  for (const { name, value, written } of documents) {
    for (const [root, path] of rootsOf(value)) if (!places.has(root)) places.set(root, { path, document: name, root: value, written });
  }
  throwIssues(`Deployment '${spec.name}'`, missing.flatMap((name) => issueOf(name, places.get(name))));
}

function issueOf(name: string, place: Place | undefined): Issue[] {
  const { path, document, root, written } = place ?? { path: [], document: "manifest", root: undefined, written: undefined };
  const message = `Variable '${name}' has neither a value nor a definition`;
  const issue: Issue = { message, code: "credential.missing", path, pointer: pointerOf(root, path), document, hint: "add it to 'variables', or give its value with 'vars', 'varsFiles' or 'varsStore'" };
  return withPositions([issue], written);
}

/** Every variable a value refers to, with the path of its first use. */
function rootsOf(value: unknown): Map<string, YamlPath> {
  const found = new Map<string, YamlPath>();
  const note = (text: string, path: YamlPath): void => {
    for (const name of referencesIn(text)) {
      const { root } = splitReference(name);
      if (!found.has(root)) found.set(root, path);
    }
  };
  const visit = (part: unknown, path: YamlPath): void => {
    if (typeof part === "string") note(part, path);
    else if (Array.isArray(part)) part.forEach((item, i) => visit(item, [...path, i]));
    else if (typeof part === "object" && part !== null) {
      for (const [key, item] of Object.entries(part)) {
        visit(item, [...path, key]);
        note(key, [...path, key]);
      }
    }
  };
  visit(value, []);
  return found;
}
