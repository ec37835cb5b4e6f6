import { z } from "zod";

/**
 * Which instance is to have which disk instead of its own, as the stack's config keeps it (`repave:attach`): `GROUP/ID` to a disk's CID,
 * empty for a new one. Each is carried out once: `at` tells a later wish from an earlier one.
 */
export const diskRequestsSchema = z.record(z.string().regex(/^[^/]+\/[^/]+$/), z.object({ disk: z.string(), at: z.iso.datetime() }));

export type DiskRequests = z.infer<typeof diskRequestsSchema>;
