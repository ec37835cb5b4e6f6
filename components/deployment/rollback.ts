import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import { parseYaml, toPlain, type PlainValue } from "../../director/yaml/index.ts";
import { unpackContent } from "../../provider/resources/deployed-manifest.ts";
import type { ManifestSource } from "./manifest.ts";

/** The config value `repave:rollback`, a secret: `repave rollback` writes it, and its `--end` removes it. */
export const rollbackConfigSchema = z.object({
  /** What the operator asked for, as messages name it. */
  to: z.string(),
  /** By name of the component. */
  deployments: z.record(z.string(), z.object({ digest: z.string(), content: z.string() })),
});

export type RollbackConfig = z.infer<typeof rollbackConfigSchema>;

const KEY = "repave:rollback";

/**
 * The documents of an earlier update in place of what the program says, where the operator has gone back to them. They stay until
 * the rollback is ended, so that no repave or restart in between brings back what was rolled back.
 */
export function rolledBack(name: string, source: ManifestSource): { source: ManifestSource; to: string | undefined } {
  const config = rollbackConfig();
  const held = config?.deployments[name];
  if (held === undefined) return { source, to: undefined };
  const { manifest, runtimeConfigs } = unpackContent(held.content);
  const read = (text: string): PlainValue => toPlain(parseYaml(text).value);
  return {
    source: { ...source, value: read(manifest) as ManifestSource["value"], runtimeConfigs: runtimeConfigs.map(read), written: undefined, writtenRuntimeConfigs: runtimeConfigs.map(() => undefined) },
    to: config?.to,
  };
}

function rollbackConfig(): RollbackConfig | undefined {
  // Not by `Config`, which warns of every secret that is not read as an output.
  const text = pulumi.runtime.allConfig()[KEY];
  if (text === undefined) return undefined;
  try {
    return rollbackConfigSchema.parse(JSON.parse(text));
  } catch {
    // Without the cause: it could show what the value holds.
    throw new RepaveError("plan.bad-rollback", `The config value ${KEY} is not understood`, { hint: "only 'repave rollback' writes it; 'repave rollback --end' removes it" });
  }
}
