import { createHash } from "node:crypto";
import { referencesOf, splitReference } from "../../director/manifest/interpolation/references.ts";
import type { GenerationContent } from "../../director/rollout/generations.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { emitYaml, fromPlain, isMap, type PlainValue, type YamlValue } from "../../director/yaml/index.ts";
import { credentialUsers } from "./credential-users.ts";
import type { ManifestSource } from "./manifest.ts";

/** A deployment's documents as an update takes them: ops files, given values and runtime configs in them. */
export interface EffectiveManifest {
  digest: string;
  content: GenerationContent;
}

export function effectiveManifest(source: Pick<ManifestSource, "value" | "runtimeConfigs">): EffectiveManifest {
  const text = (value: unknown): string => emitYaml(fromPlain(value as PlainValue));
  const manifest = text(source.value);
  const runtimeConfigs = source.runtimeConfigs.map(text);
  const digest = createHash("sha256").update(JSON.stringify([manifest, runtimeConfigs])).digest("hex");
  return { digest, content: { manifest, runtimeConfigs } };
}

/** A variable as people may hear of it: never its value. */
export interface VariableFacts {
  name: string;
  /** How it is generated, or `given`. */
  type: string;
  /** `GROUP/JOB`, or another part of the manifest. */
  usedBy: string[];
}

/** Names, kinds and users of a deployment's variables: those it generates, and those it was given. */
export function variableFacts(spec: DeploymentSpec, { given, outputs, uses }: Pick<ManifestSource, "given" | "outputs" | "uses">): VariableFacts[] {
  const users = credentialUsers(spec);
  const generated = spec.variables.map(({ name, type }) => ({ name, type, usedBy: (users.get(name) ?? []).map((user) => user.job) }));
  const known = new Set(generated.map(({ name }) => name));
  const told = [...new Set([...given.keys(), ...outputs.keys()])].filter((name) => !known.has(name));
  return [...generated, ...told.map((name) => ({ name, type: "given", usedBy: uses.get(name) ?? [] }))].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a manifest refers to variables, before any value is put in: `GROUP/JOB`, or the top-level key. */
export function referenceUses(manifest: YamlValue): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  const note = (value: YamlValue, where: string): void => {
    for (const reference of referencesOf(value)) {
      const { root } = splitReference(reference);
      const known = uses.get(root) ?? [];
      if (!known.includes(where)) uses.set(root, [...known, where]);
    }
  };
  if (!isMap(manifest)) return uses;
  for (const [key, value] of manifest) {
    if (key === "instance_groups" && Array.isArray(value)) value.forEach((group) => noteGroup(group, note));
    else note(value, String(key));
  }
  return uses;
}

function noteGroup(group: YamlValue, note: (value: YamlValue, where: string) => void): void {
  if (!isMap(group)) return;
  const name = String(group.get("name"));
  for (const [key, value] of group) {
    if (key !== "jobs" || !Array.isArray(value)) note(value, name);
    else for (const job of value) if (isMap(job)) note(job, `${name}/${String(job.get("name"))}`);
  }
}
