import { parseWatchTime, type WatchTime } from "../update/watch.ts";
import type { UpdateSpec } from "../spec/deployment.ts";
import { attempt, type Report, type YamlPath } from "../spec/issues.ts";

interface UpdateInput {
  canaries?: string;
  max_in_flight?: string;
  canary_watch_time?: string;
  update_watch_time?: string;
  serial?: boolean;
  vm_strategy?: string;
  initial_deploy_az_update_strategy?: string;
  max_surge?: string;
  az_order?: string;
  allow_replace?: boolean;
  quorum?: boolean;
  min_in_service?: string;
}

/** Numbers given on the command line: they win over the deployment's and every group's. */
export interface UpdateOverrides {
  canaries?: string;
  maxInFlight?: string;
}

const fallback: UpdateSpec = {
  canaries: "1",
  maxInFlight: "1",
  canaryWatchTime: { minMs: 0, maxMs: 0 },
  updateWatchTime: { minMs: 0, maxMs: 0 },
  serial: true,
  vmStrategy: "delete-create",
  initialDeployAzUpdateStrategy: "serial",
  maxSurge: "0",
  azOrder: "serial",
};

const vmStrategies = ["create-swap-delete", "delete-create"] as const;
const azStrategies = ["parallel", "serial"] as const;

/** Reads an `update` block over the one it inherits from. */
export function readUpdate(input: UpdateInput, inherited: Partial<UpdateSpec>, overrides: UpdateOverrides, path: YamlPath, report: Report): UpdateSpec {
  const base = { ...fallback, ...inherited };
  const vmStrategy = input.vm_strategy ?? base.vmStrategy;
  if (!isOneOf(vmStrategies, vmStrategy)) {
    const message = `Invalid vm_strategy '${vmStrategy}', valid strategies are: ${vmStrategies.join(", ")}`;
    report.add([...path, "vm_strategy"], message, { directorCode: 40005 });
  }
  const azStrategy = input.initial_deploy_az_update_strategy ?? base.initialDeployAzUpdateStrategy;
  if (!isOneOf(azStrategies, azStrategy)) {
    const message = `Invalid initial_deploy_az_update_strategy '${azStrategy}', valid strategies are: '${azStrategies.join(", ")}'`;
    report.add([...path, "initial_deploy_az_update_strategy"], message, { directorCode: 40005 });
  }
  const azOrder = input.az_order ?? base.azOrder;
  if (!isOneOf(azStrategies, azOrder)) {
    report.add([...path, "az_order"], `Invalid az_order '${azOrder}', valid orders are: ${azStrategies.join(", ")}`, { directorCode: 40005 });
  }
  return {
    canaries: count("canaries", overrides.canaries ?? input.canaries, base.canaries, path, report),
    maxInFlight: count("max_in_flight", overrides.maxInFlight ?? input.max_in_flight, base.maxInFlight, path, report),
    canaryWatchTime: watchTime("canary_watch_time", input.canary_watch_time, base.canaryWatchTime, path, report),
    updateWatchTime: watchTime("update_watch_time", input.update_watch_time, base.updateWatchTime, path, report),
    serial: input.serial ?? base.serial,
    vmStrategy: isOneOf(vmStrategies, vmStrategy) ? vmStrategy : base.vmStrategy,
    initialDeployAzUpdateStrategy: isOneOf(azStrategies, azStrategy) ? azStrategy : base.initialDeployAzUpdateStrategy,
    maxSurge: count("max_surge", input.max_surge, base.maxSurge, path, report),
    azOrder: isOneOf(azStrategies, azOrder) ? azOrder : base.azOrder,
    ...safeguards(input, base, path, report),
  };
}

/** What the plan is checked against; absent where nobody asked for it. */
function safeguards(input: UpdateInput, base: Partial<UpdateSpec>, path: YamlPath, report: Report): Partial<UpdateSpec> {
  const allowReplace = input.allow_replace ?? base.allowReplace;
  const quorum = input.quorum ?? base.quorum;
  const minInService = input.min_in_service === undefined ? base.minInService : count("min_in_service", input.min_in_service, "0", path, report);
  return { ...(allowReplace === undefined ? {} : { allowReplace }), ...(quorum === undefined ? {} : { quorum }), ...(minInService === undefined ? {} : { minInService }) };
}

function count(key: string, text: string | undefined, inherited: UpdateSpec["canaries"], path: YamlPath, report: Report): UpdateSpec["canaries"] {
  if (text === undefined) return inherited;
  // the Director takes any text here and stumbles over it in the middle of the update
  if (!/^(\d+%|[-+]?\d+)$/.test(text)) report.add([...path, key], `${key} value should be integer or percent`, { hint: "write N or N%" });
  return text;
}

function watchTime(key: string, text: string | undefined, inherited: WatchTime, path: YamlPath, report: Report): WatchTime {
  if (text === undefined) return inherited;
  return attempt([...path, key], report, () => parseWatchTime(text)) ?? inherited;
}

function isOneOf<const T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}
