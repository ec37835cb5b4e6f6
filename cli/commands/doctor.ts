import { RepaveError } from "../../director/core/errors.ts";
import { homeFolder } from "../../provider/home.ts";
import { probe, type Check } from "../../provider/local/index.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { findEngine } from "../environment/engine-binary.ts";

const OLDEST_NODE = 20;

const probes: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<Check[]>>> = {
  local: (env) => probe(homeFolder(env)),
  aws: async (env) => (await import("../../provider/aws/probe.ts")).probeAws(env),
  kubernetes: async (env) => (await import("../../provider/kubernetes/probe.ts")).probeKubernetes(env),
  openstack: async (env) => (await import("../../provider/openstack/probe.ts")).probeOpenstack(env),
  vsphere: async (env) => (await import("../../provider/vsphere/probe.ts")).probeVsphere(env),
};

export const doctor: Command = {
  define(command) {
    command.option("--iaas <name>", `look at the surroundings of this IaaS: ${Object.keys(probes).join(", ")}`, "local");
  },
  async run(_args, { iaas }, context) {
    const look = probes[String(iaas)];
    if (!look) throw new RepaveError("cli.usage", `doctor knows no IaaS '${String(iaas)}'`, { hint: `one of ${Object.keys(probes).join(", ")}` });
    const checks: Check[] = [nodeCheck(), engineCheck(context.env), ...(await look(context.env))];
    context.ui.table(
      ["check", "ok", "found", "fix"],
      checks.map((c) => [c.name, c.ok ? "yes" : c.required ? "NO" : "no", c.found, c.ok ? "" : (c.fix ?? "")]),
    );
    return checks.every((c) => c.ok || !c.required) ? exitCode.ok : exitCode.error;
  },
};

function nodeCheck(): Check {
  const found = process.versions.node;
  return { name: "Node", required: true, ok: Number(found.split(".")[0]) >= OLDEST_NODE, found, fix: `install Node ${OLDEST_NODE} or newer` };
}

function engineCheck(env: NodeJS.ProcessEnv): Check {
  try {
    const engine = findEngine(env);
    return { name: "Pulumi engine", required: true, ok: true, found: `${engine.version} in ${engine.folder}`, fix: "" };
  } catch (error) {
    if (!(error instanceof RepaveError)) throw error;
    return { name: "Pulumi engine", required: true, ok: false, found: error.message, fix: error.hint ?? "" };
  }
}

