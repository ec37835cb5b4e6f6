import * as pulumi from "@pulumi/pulumi";
import { RepaveError } from "../../director/core/errors.ts";
import { applyOps, interpolate, type VariableLookup } from "../../director/manifest/interpolation/index.ts";
import { asDirectorReads } from "../../director/manifest/as-director-reads.ts";
import type { WrittenDocument } from "../../director/manifest/positions.ts";
import { isHash } from "../../director/spec/read.ts";
import { nestDotted } from "../../director/variables/sources.ts";
import { fromPlain, parseYaml, toPlain, type PlainValue, type YamlValue } from "../../director/yaml/index.ts";
import { mergeDefinitions, type InstanceGroup } from "../instance-group.ts";
import { referenceUses } from "./effective-manifest.ts";
import { readDocument, readOperations, readVariableValues, type DocumentSource, type OpsSource } from "./read.ts";

export interface ManifestArgs {
  /** A BOSH manifest: an object, YAML text, or `{ file }`. */
  manifest?: DocumentSource;
  /** Typed instance groups, in the order in which they are updated. */
  instanceGroups?: InstanceGroup[];
  /** BOSH ops files, applied in order: `{ file }`, text, or operations as objects. */
  opsFiles?: readonly OpsSource[];
  /** Values for `((references))`, over those of `varsFiles`. An `Output` is filled in when it is known and stays secret if it is. */
  vars?: Record<string, unknown>;
  /** BOSH vars files, the later over the earlier. */
  varsFiles?: readonly DocumentSource[];
  /** Path of a `bosh` vars store: variables that have a value there take it over instead of being generated. Needed until the first update is done. */
  varsStore?: string;
  /** BOSH runtime configs: their addons, releases, variables and tags. */
  runtimeConfigs?: readonly DocumentSource[];
  /** Update limits for all groups that do not say otherwise. */
  update?: Record<string, unknown>;
}

/** A manifest with ops and variables applied, and what is needed to fill in the rest later. */
export interface ManifestSource {
  value: Record<string, unknown>;
  runtimeConfigs: PlainValue[];
  /** The manifest, where it was text, and the runtime configs that were. */
  written: WrittenDocument | undefined;
  writtenRuntimeConfigs: (WrittenDocument | undefined)[];
  /** Variables that are only known later. */
  outputs: ReadonlyMap<string, pulumi.Output<unknown>>;
  /** Where the manifest refers to which variable, before values are put in. */
  uses: ReadonlyMap<string, string[]>;
  /** Names of all variables that were given a value. */
  given: ReadonlyMap<string, YamlValue>;
}

/** What is used where neither the manifest nor the arguments say: BOSH's shape, sizes for a small platform. */
const defaultUpdate = { canaries: 1, max_in_flight: 1, canary_watch_time: "1000-120000", update_watch_time: "1000-120000", serial: true };

/** Both faces of a deployment become one manifest value. */
export function manifestOf(name: string, args: ManifestArgs): ManifestSource {
  if ((args.manifest === undefined) === (args.instanceGroups === undefined)) {
    throw new RepaveError("manifest.invalid", `Deployment '${name}' needs either 'manifest' or 'instanceGroups'`, { hint: "give one of the two" });
  }
  const { given, outputs } = givenVariables(name, args);
  const lookup: VariableLookup = (key) => given.get(key);
  const read = args.manifest === undefined ? { value: fromPlain(typedManifest(name, args.instanceGroups!)) } : readDocument(args.manifest, `manifest of deployment '${name}'`);
  const operations = (args.opsFiles ?? []).flatMap((source, i) => readOperations(source, `ops file ${i + 1} of deployment '${name}'`));
  const applied = applyOps(read.value, operations);
  const value = toPlain(asDirectorReads(interpolate(applied, lookup)));
  if (!isHash(value)) throw new RepaveError("manifest.invalid", `The manifest of deployment '${name}' should be a map`, { details: { directorCode: 440001 } });
  const configs = (args.runtimeConfigs ?? []).map((source, i) => {
    const config = readDocument(source, `runtime config ${i + 1} of deployment '${name}'`);
    const plain = withoutGiven(toPlain(asDirectorReads(interpolate(config.value, lookup))), given, outputs);
    return { value: plain, written: config.written && { ...config.written, value: plain } };
  });
  const plain = withoutGiven(value, given, outputs) as Record<string, PlainValue>;
  return {
    value: { ...plain, update: { ...defaultUpdate, ...(plain["update"] as object | undefined), ...args.update } },
    written: read.written && { ...read.written, value: plain },
    runtimeConfigs: configs.map((config) => config.value),
    writtenRuntimeConfigs: configs.map((config) => config.written),
    outputs,
    uses: referenceUses(applied),
    given,
  };
}

/** Reads a manifest by BOSH's YAML rules. */
export function readManifestText(text: string): Record<string, unknown> {
  return toPlain(parseYaml(text).value) as Record<string, unknown>;
}

function typedManifest(name: string, groups: readonly InstanceGroup[]): object {
  return { name, stemcells: [{ alias: "default", os: "local", version: "1" }], ...mergeDefinitions(groups) };
}

function givenVariables(name: string, { vars = {}, varsFiles = [] }: ManifestArgs): { given: Map<string, YamlValue>; outputs: Map<string, pulumi.Output<unknown>> } {
  const outputs = new Map<string, pulumi.Output<unknown>>();
  const all = new Map<string, YamlValue>();
  for (const [i, source] of varsFiles.entries()) readVariableValues(source, `vars file ${i + 1} of deployment '${name}'`).forEach((value, key) => all.set(key, value));
  for (const [key, value] of Object.entries(vars)) {
    if (hasOutput(value)) {
      outputs.set(key, pulumi.output(value));
      all.delete(key);
    } else if (value !== undefined) all.set(key, fromPlain(value));
  }
  return { given: nestDotted(all), outputs };
}

function hasOutput(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasOutput);
}

/** As `bosh` does: what is given is not defined any more, so nothing is generated for it. */
function withoutGiven(document: PlainValue, given: ReadonlyMap<string, unknown>, outputs: ReadonlyMap<string, unknown>): PlainValue {
  if (!isHash(document) || !Array.isArray(document["variables"])) return document;
  const kept = document["variables"].filter((definition) => {
    const name: unknown = isHash(definition) ? definition["name"] : undefined;
    return typeof name !== "string" || !(given.has(name) || outputs.has(name));
  });
  return { ...document, variables: kept } as PlainValue;
}
