import { createHash } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RepaveError } from "../../../director/core/errors.ts";
import type { StoredDeployment } from "./deployment.ts";

const schema = z.looseObject({
  version: z.number(),
  features: z.array(z.string()).optional(),
  checkpoint: z.looseObject({ stack: z.string().optional(), latest: z.custom<StoredDeployment>().optional() }),
});

export type Checkpoint = z.infer<typeof schema>;

/** Version of a checkpoint without features, and of one with some. */
const [PLAIN, WITH_FEATURES] = [3, 4];

export function readCheckpoint(file: string): Checkpoint {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new RepaveError("state.checkpoint", `The state ${file} cannot be read`, { cause, hint: `look at it, and at the engine's copy ${file}.bak` });
  }
}

/** The file's text for a deployment after a run of an engine of this version. */
export function checkpointText(stack: string | undefined, deployment: StoredDeployment, features: readonly string[], engine: string): string {
  const manifest = { time: new Date().toISOString(), magic: createHash("sha256").update(engine).digest("hex"), version: engine };
  const latest = { ...deployment, manifest };
  return JSON.stringify({ version: features.length > 0 ? WITH_FEATURES : PLAIN, ...(features.length > 0 ? { features } : {}), checkpoint: { ...(stack === undefined ? {} : { stack }), latest } });
}

/** Puts a whole file in place of another: one that is cut off changes nothing. */
export function replaceFile(file: string, text: string): void {
  const next = `${file}.next`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}
