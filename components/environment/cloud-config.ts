import { mergeCloudConfigs, readCloudConfig } from "../../director/config/cloud-config.ts";
import { interpolate } from "../../director/manifest/interpolation/index.ts";
import { withPositions } from "../../director/manifest/positions.ts";
import { throwIssues } from "../../director/spec/issues.ts";
import { nestDotted } from "../../director/variables/sources.ts";
import { fromPlain, toPlain, type YamlValue } from "../../director/yaml/index.ts";
import { readDocument, readVariableValues, type DocumentSource } from "../deployment/read.ts";
import type { CloudConfigArgs } from "../environment.ts";

/** Reads cloud configs, puts variables in, and checks them; of a single one issues name file and line. */
export function readCloudConfigs({ cloudConfig, vars = {}, varsFiles = [] }: CloudConfigArgs): Record<string, unknown> {
  const all = new Map<string, YamlValue>();
  for (const source of varsFiles) readVariableValues(source, "vars file of the cloud config").forEach((value, key) => all.set(key, value));
  for (const [key, value] of Object.entries(vars)) all.set(key, fromPlain(value));
  const values = nestDotted(all);
  const sources: readonly DocumentSource[] = Array.isArray(cloudConfig) ? (cloudConfig as readonly DocumentSource[]) : [cloudConfig as DocumentSource];
  const documents = sources.map((source) => {
    const { value, written } = readDocument(source, "cloud config");
    const plain = toPlain(interpolate(value, (name) => values.get(name)));
    return { plain, written: written && { ...written, value: plain } };
  });
  const single = documents.length === 1 ? documents[0]! : undefined;
  const merged = single ? single.plain : mergeCloudConfigs(documents.map((document) => document.plain));
  const { issues } = readCloudConfig(merged);
  throwIssues("The cloud config", withPositions(issues, single?.written));
  return merged as Record<string, unknown>;
}
