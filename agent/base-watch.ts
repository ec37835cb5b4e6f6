import { existsSync } from "node:fs";
import type { Layout } from "./layout.ts";

const PERIOD_MS = 5_000;

/** Ends the agent, and with it the VM, once its files were deleted beneath it: nothing can be done for it or by it any more. */
export function endWithoutBase(layout: Layout, end: () => void): void {
  setInterval(() => {
    if (!existsSync(layout.base)) end();
  }, PERIOD_MS);
}
