/** Ops files, variables and paths, as `bosh int` treats them. */
export { interpolationDeviations } from "./deviations.ts";
export { evaluateTemplate, type EvaluateInput, type VariableSource } from "./evaluate.ts";
export { findValue } from "./find.ts";
export { interpolate, type VariableLookup } from "./interpolate.ts";
export { parseOpsFile } from "./ops-file.ts";
export { applyOps, type Operation } from "./ops.ts";
export { formatPath, type OpsPath, parsePath } from "./path.ts";
export { referencesOf, splitReference } from "./references.ts";
