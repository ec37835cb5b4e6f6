import { referencesIn, splitReference, unusableReferencesIn } from "../../director/manifest/interpolation/references.ts";
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
  const unusable = [...foundIn([spec.instanceGroups, spec.variables], unusableReferencesIn).keys()].sort();
  const issues = [
    ...missing.flatMap((name) => issueOf(unvalued(name), placeOf(name, documents, rootsIn))),
    ...unusable.flatMap((text) => issueOf(misnamed(text), placeOf(text, documents, unusableReferencesIn))),
  ];
  throwIssues(`Deployment '${spec.name}'`, issues);
}

type Complaint = Pick<Issue, "message" | "code" | "hint">;

function unvalued(name: string): Complaint {
  return { message: `Variable '${name}' has neither a value nor a definition`, code: "credential.missing", hint: "add it to 'variables', or give its value with 'vars', 'varsFiles' or 'varsStore'" };
}

function misnamed(text: string): Complaint {
  return { message: `Variable name '${text}' must only contain alphanumeric, underscores, dashes, or forward slash characters`, code: "credential.name", hint: "everything between '((' and '))' is taken for a variable's name" };
}

function issueOf(complaint: Complaint, place: Place | undefined): Issue[] {
  const { path, document, root, written } = place ?? { path: [], document: "manifest", root: undefined, written: undefined };
  return withPositions([{ ...complaint, path, pointer: pointerOf(root, path), document }], written);
}

function placeOf(name: string, documents: ReferenceCheck["documents"], namesIn: (text: string) => string[]): Place | undefined {
  for (const { name: document, value, written } of documents) {
    const path = foundIn(value, namesIn).get(name);
    if (path !== undefined) return { path, document, root: value, written };
  }
  return undefined;
}

function rootsIn(text: string): string[] {
  return referencesIn(text).map((name) => splitReference(name).root);
}

function rootsOf(value: unknown): Map<string, YamlPath> {
  return foundIn(value, rootsIn);
}

/** Every name that the texts and keys of a value hold, with the path of its first use. */
function foundIn(value: unknown, namesIn: (text: string) => string[]): Map<string, YamlPath> {
  const found = new Map<string, YamlPath>();
  const note = (text: string, path: YamlPath): void => {
    for (const name of namesIn(text)) if (!found.has(name)) found.set(name, path);
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
