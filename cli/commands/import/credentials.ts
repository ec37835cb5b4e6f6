import { X509Certificate } from "node:crypto";
import { referencesOf, splitReference } from "../../../director/manifest/interpolation/index.ts";
import { isGeneratedType } from "../../../director/variables/definition.ts";
import type { DeploymentSpec } from "../../../director/spec/deployment.ts";
import { fromPlain, toPlain, type PlainValue } from "../../../director/yaml/index.ts";
import type { VariableValues } from "../../../director/variables/sources.ts";
import { importProblem } from "../../../provider/resources/variable.ts";
import { named, type Finding } from "./findings.ts";

export interface CredentialScene {
  spec: DeploymentSpec;
  /** The vars store's values. */
  store: VariableValues;
  /** Whether the variable was given by `-v` or a vars file. */
  given(name: string): boolean;
  now: Date;
}

/** What becomes of the credentials of a vars store, by name only. */
export function credentialFindings({ spec, store, given, now }: CredentialScene): Finding[] {
  const values = new Map([...store].map(([name, value]) => [name, toPlain(value)]));
  const definitions = spec.variables.filter((definition) => !given(definition.name));
  const problems = definitions.flatMap(({ name, type }) => {
    const problem = values.has(name) ? importProblem(type, values.get(name)) : undefined;
    return problem === undefined || problem === "unknown type" ? [] : [{ name, type, problem }];
  });
  const refused = new Set(problems.map((problem) => problem.name));
  const taken = definitions.filter(({ name, type }) => values.has(name) && isGeneratedType(type) && !refused.has(name));
  const fresh = definitions.filter(({ name, type }) => !values.has(name) && isGeneratedType(type)).map((definition) => definition.name);
  const takenNames = new Set(taken.map((definition) => definition.name));
  const defined = new Set(spec.variables.filter(({ type }) => isGeneratedType(type)).map((definition) => definition.name));
  const used = new Set(referencesOf(fromPlain([spec.instanceGroups, spec.variables] as unknown as PlainValue)).map((name) => splitReference(name).root));
  const others = [...values.keys()].filter((name) => !defined.has(name) && !given(name));
  const unmatched = taken.flatMap(({ name, type, options }) => {
    const ca = options["ca"];
    return type === "certificate" && typeof ca === "string" && !takenNames.has(ca) && !given(ca) ? [`${name} (signed by ${ca})`] : [];
  });
  const late = taken.filter(({ name, type }) => type === "certificate" && expired(values.get(name), now)).map((definition) => definition.name);
  return [
    ...problems.map(({ name, type, problem }): Finding => ({ outcome: "to do", what: `value of '${name}'`, why: `it is no ${type}: ${problem}; put it right, or take it out of the store to have a new one made` })),
    ...about("to do", unmatched, "certificates whose CA is not in the store", "a new CA would not match them; add the CA, or take these out of the store too"),
    ...about("to do", late, "certificates that are past their end", "they are taken over as they are; rotate them, or take them out of the store"),
    ...about("taken over", [...takenNames], "credentials of the vars store", "the first update puts them into the encrypted state; then the line 'varsStore' and the file may go"),
    ...about("taken over", others.filter((name) => used.has(name)), "values of the vars store without a definition", "they fill references on every run, so the file stays needed until they are in 'vars', best as secrets of the stack's configuration"),
    ...about("made new", fresh, "credentials that the store does not have", "the first update generates them"),
    ...about("left behind", others.filter((name) => !used.has(name)), "values of the vars store that the manifest does not use", "nothing refers to them"),
  ];
}

function about(outcome: Finding["outcome"], names: readonly string[], what: string, why: string): Finding[] {
  return names.length === 0 ? [] : [{ outcome, what: `${what} (${names.length})`, why: `${named(names)}: ${why}` }];
}

function expired(value: PlainValue | undefined, now: Date): boolean {
  const certificate = typeof value === "object" && value !== null && !Array.isArray(value) ? value["certificate"] : undefined;
  if (typeof certificate !== "string") return false;
  try {
    return new Date(new X509Certificate(certificate).validTo) < now;
  } catch {
    // What is no certificate at all is found when a job reads it; here only its end matters.
    return false;
  }
}
