import type { Generation } from "../../director/rollout/generations.ts";
import { type ManifestChange, manifestChanges, redacted } from "../../director/rollout/manifest-changes.ts";
import { emitYaml, fromPlain, type PlainValue } from "../../director/yaml/index.ts";
import type { CommandContext } from "../command.ts";
import { documentsOf } from "./generations.ts";
import type { GenerationContent } from "../../director/rollout/generations.ts";

export interface DeploymentChanges {
  deployment: string;
  changes: ManifestChange[];
}

/** What turns one content into another; an absent one is empty. */
export function changesBetween(before: GenerationContent | undefined, after: GenerationContent, options: { redact: boolean }): ManifestChange[] {
  const changes = manifestChanges(before === undefined ? {} : documentsOf(before), documentsOf(after));
  return options.redact ? redacted(changes) : changes;
}

/** Prints changes in manifest terms, one deployment after the other. */
export function showChanges(context: CommandContext, all: readonly DeploymentChanges[]): void {
  if (context.ui.json) return;
  for (const { deployment, changes } of all) {
    context.ui.out(`deployment ${deployment}: ${changes.length === 0 ? "no changes" : `${changes.length} change${changes.length === 1 ? "" : "s"}`}\n`);
    for (const change of changes) context.ui.out(linesOf(change).map((line) => `${line}\n`).join(""));
  }
}

function linesOf({ path, change, before, after }: ManifestChange): string[] {
  if (change === "changed" && isScalar(before) && isScalar(after)) return [`~ ${path}: ${oneLine(before)} → ${oneLine(after)}`];
  const removed = before === undefined ? [] : block("-", before);
  const added = after === undefined ? [] : block("+", after);
  const sign = { added: "+", removed: "-", changed: "~" }[change];
  if (change !== "changed" && isScalar(before ?? after)) return [`${sign} ${path}: ${oneLine((before ?? after)!)}`];
  return [`${sign} ${path}:`, ...removed, ...added];
}

function isScalar(value: PlainValue | undefined): boolean {
  return value !== undefined && (value === null || typeof value !== "object");
}

function oneLine(value: PlainValue | undefined): string {
  return emitYaml(fromPlain(value as PlainValue)).trim().replaceAll("\n", "\\n");
}

function block(sign: string, value: PlainValue): string[] {
  return emitYaml(fromPlain(value)).trimEnd().split("\n").map((line) => `${sign}     ${line}`);
}

/** `nats/2, web/1 on local/1`: what a generation is made of, in a line. */
export function setOf({ releases, stemcells }: Pick<Generation, "releases" | "stemcells">): string {
  return `${releases.map(({ name, version }) => `${name}/${version}`).join(", ")} on ${stemcells.map(({ os, version }) => `${os}/${version}`).join(", ")}`;
}
