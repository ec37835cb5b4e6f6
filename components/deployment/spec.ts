import * as pulumi from "@pulumi/pulumi";
import { readManifest } from "../../director/manifest/parse-manifest.ts";
import type { StemcellVersions } from "../../director/manifest/stemcells.ts";
import { withPositions } from "../../director/manifest/positions.ts";
import type { CloudConfigSpec } from "../../director/spec/cloud-config.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { throwIssues } from "../../director/spec/issues.ts";
import { toPlain } from "../../director/yaml/index.ts";
import type { Iaas } from "../iaas/port.ts";
import { announceManifest } from "./announce.ts";
import { type EffectiveManifest, effectiveManifest, variableFacts } from "./effective-manifest.ts";
import { manifestOf, type ManifestArgs, type ManifestSource } from "./manifest.ts";
import { withOwnBalancers } from "./own-balancers.ts";
import { checkReferences } from "./references.ts";
import { rolledBack } from "./rollback.ts";
import type { VariableValues } from "./variables.ts";
import { readVarsStore } from "./vars-store.ts";

export interface ReadDeployment {
  spec: DeploymentSpec;
  values: VariableValues;
  manifest: EffectiveManifest;
  /** What an operator has gone back to; undefined where the program decides. */
  rolledBackTo: string | undefined;
}

/** Reads everything a deployment's arguments name, as one spec and the values its references need. Finds all mistakes of a document at once. */
export function readDeployment(name: string, args: ManifestArgs & { strict?: boolean; environment: { iaas: Pick<Iaas, "stemcellVersions" | "ownBalancer"> } }, cloud: CloudConfigSpec): ReadDeployment {
  const written = manifestOf(name, args);
  const document = `deployment '${name}'`;
  const stemcellVersions: StemcellVersions = (os) => args.environment.iaas.stemcellVersions?.(os);
  const read = ({ value, runtimeConfigs }: ManifestSource) => readManifest(value, cloud, runtimeConfigs, { strict: args.strict ?? true, document, stemcellVersions });
  const asWritten = read(written);
  const value = asWritten.issues.length > 0 ? written.value : withOwnBalancers(written.value, asWritten.partial, cloud, args.environment.iaas);
  const program = value === written.value ? written : { ...written, value };
  const { source, to } = rolledBack(name, program);
  const { partial: spec, issues } = source === written ? asWritten : read(source);
  const runtimeDocuments = source.writtenRuntimeConfigs.map((written, i, all) => ({ name: all.length === 1 ? "runtime config" : `runtime config ${i + 1}`, value: source.runtimeConfigs[i], written }));
  const documents = [{ name: document, value: source.value, written: source.written }, ...runtimeDocuments];
  throwIssues(`Deployment '${spec.name}'`, issues.flatMap((issue) => withPositions([issue], documents.find((d) => d.name === issue.document)?.written)));
  const hasValue = (key: string): boolean => source.given.has(key) || source.outputs.has(key);
  const { imported, rest } = args.varsStore === undefined ? { imported: new Map(), rest: new Map() } : readVarsStore(args.varsStore, spec.variables, hasValue);
  const given = new Map<string, pulumi.Input<unknown>>([
    ...[...rest].map(([key, value]) => [key, pulumi.secret(value)] as const),
    ...[...source.given].map(([key, value]) => [key, pulumi.secret(toPlain(value))] as const),
    ...source.outputs,
  ]);
  checkReferences({ spec, has: (key) => given.has(key), documents });
  const manifest = effectiveManifest(source);
  announceManifest({ name, written: source === program ? manifest : effectiveManifest(program), effective: manifest, variables: variableFacts(spec, source) });
  return { spec, values: { given, imported }, manifest, rolledBackTo: to };
}
