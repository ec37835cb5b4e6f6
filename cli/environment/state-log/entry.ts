import { z } from "zod";
import type { StoredDeployment, StoredOperation, StoredResource } from "./deployment.ts";

/** Kinds of the engine's journal entries, version 1, by their number. */
export const kinds = { begin: 0, success: 1, failure: 2, refreshSuccess: 3, outputs: 4, write: 5, secretsManager: 6, rebuiltBaseState: 7, extension: 8, snippets: 9 } as const;

const index = z.number().int().min(0).nullish();

/** One entry as the engine sends it: `...Old` is an index into the base's resources, `...New` the operation that made the resource. */
export const entrySchema = z.looseObject({
  version: z.literal(1),
  kind: z.number().int().min(0).max(9),
  sequenceID: z.number().int(),
  operationID: z.number().int(),
  removeOld: index,
  removeNew: index,
  pendingReplacementOld: index,
  pendingReplacementNew: index,
  deleteOld: index,
  deleteNew: index,
  state: z.custom<StoredResource>().optional(),
  operation: z.custom<StoredOperation>().optional(),
  isRefresh: z.boolean().optional(),
  secretsProvider: z.custom<StoredDeployment["secrets_providers"]>().optional(),
  newSnapshot: z.custom<StoredDeployment>().optional(),
  snippets: z.array(z.unknown()).nullish(),
  extensionRef: z.string().nullish(),
  extension: z.unknown().optional(),
  requiresByteString: z.boolean().optional(),
});

export type Entry = z.infer<typeof entrySchema>;
