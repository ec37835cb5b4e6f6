import { z } from "zod";
import { messageOf, RepaveError } from "../../../director/core/errors.ts";
import type { Finding } from "./findings.ts";

const text = z.string().default("");
const record = z.looseObject({ id: text, name: text, version: z.union([z.string(), z.number()]).transform(String).default(""), cid: text });

/** What `bosh create-env` keeps in its state file. */
const schema = z.looseObject({
  director_id: text,
  installation_id: text,
  current_vm_cid: text,
  current_stemcell_id: text,
  current_disk_id: text,
  current_release_ids: z.array(z.string()).nullish().transform((ids) => ids ?? []),
  current_manifest_sha: text,
  disks: z.array(record.extend({ size: z.number().default(0) })).nullish().transform((list) => list ?? []),
  stemcells: z.array(record).nullish().transform((list) => list ?? []),
  releases: z.array(record).nullish().transform((list) => list ?? []),
});

export type DirectorState = z.infer<typeof schema>;

/** @throws RepaveError `cli.file` for what is no state of `bosh create-env` */
export function readDirectorState(content: string, file: string): DirectorState {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new RepaveError("cli.file", `The state file '${file}' is no JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = schema.safeParse(value);
  const known = parsed.success && Object.keys(schema.shape).some((key) => typeof value === "object" && value !== null && key in value);
  if (known) return parsed.data;
  const issue = parsed.success ? "none of its keys are there" : parsed.error.issues.map((i) => `${i.path.join(".")} ${i.message}`).join("; ");
  throw new RepaveError("cli.file", `The state file '${file}' is not one of 'bosh create-env': ${issue}`, { hint: "it is the state.json beside the Director's manifest" });
}

const notNeeded = "there is no Director here";

/** A state file describes the Director (or jumpbox) itself; nothing of it is needed, and all of it has to be removed by BOSH. */
export function stateFindings(state: DirectorState): Finding[] {
  const disk = (cid: string, size: number, current: boolean): Finding => ({
    outcome: "left behind",
    what: `${current ? "disk" : "old disk"} ${cid} (${size} MiB)`,
    why: "it holds the Director's database: what it knows of VMs, deployments and CredHub's values is not read; export CredHub's values into a vars store to take them over",
  });
  const release = (id: string, name: string, version: string): Finding => ({ outcome: "left behind", what: `release ${name}/${version}${state.current_release_ids.includes(id) ? "" : " (not in use)"}`, why: `it runs the Director; ${notNeeded}` });
  return [
    ...(state.director_id === "" ? [] : [{ outcome: "left behind" as const, what: `Director ${state.director_id}`, why: `${notNeeded}: the state of the stack takes its place` }]),
    ...(state.current_vm_cid === "" ? [] : [{ outcome: "left behind" as const, what: `VM ${state.current_vm_cid}`, why: `${notNeeded}; 'bosh delete-env' removes it, once it has no deployments left` }]),
    ...state.disks.map((item) => disk(item.cid, item.size, item.id === state.current_disk_id)),
    ...state.stemcells.map((item): Finding => ({ outcome: "left behind", what: `stemcell ${item.name}/${item.version} (${item.cid})`, why: "an image of the old IaaS account; 'bosh delete-env' removes it" })),
    ...state.releases.map((item) => release(item.id, item.name, item.version)),
    ...(state.installation_id === "" ? [] : [{ outcome: "left behind" as const, what: `installation ${state.installation_id}`, why: "the compiled CPI on the operator's machine; adapters of this package take its place" }]),
  ];
}
