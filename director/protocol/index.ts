// Types and rules only: the embedded agent bundles this file, so the zod schemas stay in schemas.ts.
export * from "./agent-state.ts";
export * from "./apply-spec.ts";
export * from "./digest.ts";
export * from "./dns.ts";
export * from "./rpc.ts";
export * from "./settings.ts";
