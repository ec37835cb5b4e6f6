import type { RepaveConfig } from "../../director/update/repave-selection.ts";

/** Settings that have an update give instances a new VM, or start their jobs again where they are. */
export function repairRequests({ recreate, restart }: { recreate: readonly string[]; restart: readonly string[] }): Record<string, string> {
  const before = new Date().toISOString();
  const request = (selectors: readonly string[]): string => JSON.stringify({ before, selectors: [...selectors] } satisfies RepaveConfig);
  return {
    ...(recreate.length > 0 ? { "repave:repave": request(recreate) } : {}),
    ...(restart.length > 0 ? { "repave:restart": request(restart) } : {}),
  };
}
