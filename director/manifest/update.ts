import type { UpdateSpec, WatchTime } from "../spec/deployment.ts";
import type { Report, YamlPath } from "../spec/issues.ts";

interface UpdateInput {
  canaries?: string;
  max_in_flight?: string;
  canary_watch_time?: string;
  update_watch_time?: string;
  serial?: boolean;
  vm_strategy?: string;
  initial_deploy_az_update_strategy?: string;
}

/** Numbers given on the command line: they win over the deployment's and every group's. */
export interface UpdateOverrides {
  canaries?: string;
  maxInFlight?: string;
}

const fallback: UpdateSpec = {
  canaries: "1",
  maxInFlight: "1",
  canaryWatchTime: { min: 0, max: 0 },
  updateWatchTime: { min: 0, max: 0 },
  serial: true,
  vmStrategy: "delete-create",
  initialDeployAzUpdateStrategy: "serial",
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
  return {
    canaries: count("canaries", overrides.canaries ?? input.canaries, base.canaries, path, report),
    maxInFlight: count("max_in_flight", overrides.maxInFlight ?? input.max_in_flight, base.maxInFlight, path, report),
    canaryWatchTime: watchTime("canary_watch_time", input.canary_watch_time, base.canaryWatchTime, path, report),
    updateWatchTime: watchTime("update_watch_time", input.update_watch_time, base.updateWatchTime, path, report),
    serial: input.serial ?? base.serial,
    vmStrategy: isOneOf(vmStrategies, vmStrategy) ? vmStrategy : base.vmStrategy,
    initialDeployAzUpdateStrategy: isOneOf(azStrategies, azStrategy) ? azStrategy : base.initialDeployAzUpdateStrategy,
  };
}

function count(key: string, text: string | undefined, inherited: string, path: YamlPath, report: Report): string {
  if (text === undefined) return inherited;
  // the Director takes any text here and stumbles over it in the middle of the update
  if (!/^(\d+%|[-+]?\d+)$/.test(text)) report.add([...path, key], `${key} value should be integer or percent`, { hint: "write N or N%" });
  return text;
}

function watchTime(key: string, text: string | undefined, inherited: WatchTime, path: YamlPath, report: Report): WatchTime {
  if (text === undefined) return inherited;
  const [, min, max] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text) ?? [];
  if (min === undefined) {
    report.add([...path, key], "Watch time should be an integer or a range of two integers", { directorCode: 180001 });
    return inherited;
  }
  const range = { min: Number(min), max: Number(max ?? min) };
  if (range.min > range.max) report.add([...path, key], "Min watch time cannot be greater than max watch time", { directorCode: 180001 });
  return range;
}

function isOneOf<const T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}
