import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";
import { writeAtomic } from "../files.ts";
import { defaultRouteOf } from "../platform/network.ts";
import { decodeSpec, type SavedSpec } from "../spec.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";

export function applyActions(context: Context): Record<string, Action> {
  const { applier, specs, supervisor } = context;
  return {
    prepare: {
      async: true,
      required: 1,
      async run([spec]) {
        await applier.prepare(decodeSpec(spec));
        return "prepared";
      },
    },
    apply: {
      async: true,
      required: 1,
      async run([argument]) {
        const spec = resolveNetworks(decodeSpec(argument), context);
        if (spec.configuration_hash !== "") {
          await applier.apply(spec).catch((error: unknown) => {
            throw new Error(`Applying: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
          });
          supervisor.reload();
        }
        specs.save(spec);
        writeInstance(context.layout.instance, spec);
        return "applied";
      },
    },
  };
}

/** Every network must be the VM's own; those without a fixed address get the one the VM has. */
function resolveNetworks(spec: SavedSpec, { settings }: Context): SavedSpec {
  const networks: SavedSpec["networks"] = {};
  for (const [name, fields] of Object.entries(spec.networks)) {
    const known = settings.networks[name];
    if (name === "local" && fields.ip === "127.0.0.1") networks[name] = fields;
    else if (known === undefined) throw new Error(`Resolving dynamic networks: Network '${name}' is not found in settings`);
    else if (known.type !== "dynamic" && !known.use_dhcp && known.ip && (known.netmask || known.prefix)) networks[name] = fields;
    else networks[name] = { ...fields, ...addressOf(known) };
  }
  return { ...spec, networks };
}

function addressOf(known: { ip?: string; netmask?: string; gateway?: string }): Record<string, string> {
  if (known.ip) return { ip: known.ip, netmask: known.netmask ?? "", gateway: known.gateway ?? "" };
  return { ip: "", netmask: "", gateway: "", ...defaultRouteOf() };
}

function writeInstance(dir: string, spec: SavedSpec): void {
  mkdirSync(dir, { recursive: true });
  const fields = { id: spec.id, az: spec.az, name: spec.name, deployment: spec.deployment };
  for (const [name, value] of Object.entries(fields)) writeAtomic(path.join(dir, name), value, 0o644);
  chmodSync(dir, 0o755);
}
