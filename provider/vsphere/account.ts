import type { VsphereAccount } from "./soap.ts";

const variables = { server: "VSPHERE_SERVER", user: "VSPHERE_USER", password: "VSPHERE_PASSWORD" } as const;

/** What the `VSPHERE_*` variables say, or the names of those that are not set. */
export function accountOf(env: NodeJS.ProcessEnv): VsphereAccount | { missing: string[] } {
  const missing = Object.values(variables).filter((name) => !env[name]);
  if (missing.length > 0) return { missing };
  return { server: env[variables.server]!, user: env[variables.user]!, password: env[variables.password]!, unverified: /^(true|1)$/i.test(env["VSPHERE_ALLOW_UNVERIFIED_SSL"] ?? "") };
}
