import path from "node:path";
import { LocalIaas } from "./local/index.ts";
import { packageRoot } from "./package-version.ts";

/** A local environment of this user. */
export function localIaasOf(home: string, environment: string): LocalIaas {
  return new LocalIaas({ stateDir: path.join(home, "local"), environment, agentBundle: path.join(packageRoot(), "dist", "agent", "agent.cjs") });
}
