import type { AgentState } from "../../director/protocol/index.ts";
import type { CommandContext } from "../command.ts";
import { isFailing, observe } from "../day2/observe.ts";
import { chooseKnown } from "./select.ts";
import type { Session } from "./session.ts";
import { exportStack, instancesOf, stackOutput, type KnownInstance } from "./state.ts";

export interface InstanceTableOptions {
  ps?: boolean;
  vitals?: boolean;
  failing?: boolean;
  /** Selectors; none means all. */
  instance?: string[];
}

/** Prints every instance with what its agent says now, then where the environment answers. */
export async function showInstances(session: Session, context: CommandContext, options: InstanceTableOptions): Promise<number> {
  const state = await exportStack(session, { secrets: true });
  const instances = chooseKnown(instancesOf(state), options.instance ?? []);
  const observed = await observe(session, instances);
  const shown = options.failing ? observed.filter(isFailing) : observed;
  const columns = ["instance", "state", "az", "ips", "age", "vm", ...(options.vitals ? ["load", "memory", "disk"] : [])];
  context.ui.table(columns, shown.flatMap(({ instance, state }) => rows(instance, state, options)));
  if (!context.ui.json) {
    const url = stackOutput(state, "url");
    if (typeof url === "string") context.ui.out(`\n${url}\n`);
  }
  return observed.filter(isFailing).length;
}

function rows(instance: KnownInstance, state: AgentState | undefined, options: InstanceTableOptions): string[][] {
  const vitals = state?.vitals;
  const extra = options.vitals ? [vitals?.load?.join(" ") ?? "-", vitals?.mem?.kb ? `${Math.round(Number(vitals.mem.kb) / 1024)} MiB` : "-", vitals?.disk?.persistent?.percent ? `${vitals.disk.persistent.percent}%` : "-"] : [];
  const ips = Object.values(instance.networks).map((n) => String(n["ip"])).join(", ");
  const own = [`${instance.group}/${instance.index}`, state?.job_state ?? (instance.state === "detached" ? "detached" : "unresponsive agent"), instance.az ?? "-", ips, age(instance.createdAt), instance.vmCid || "-", ...extra];
  const processes = options.ps ? (state?.processes ?? []) : [];
  return [own, ...processes.map((p) => [`  ${p.name}`, p.state, "", "", p.uptime?.secs === undefined ? "-" : duration(p.uptime.secs), "", ...extra.map(() => "")])];
}

function age(createdAt: string | undefined): string {
  return createdAt === undefined ? "-" : duration(Math.max(0, (Date.now() - Date.parse(createdAt)) / 1000));
}

/** `00:01:37`, days in front where there are any. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / 86_400);
  const clock = [Math.floor((whole % 86_400) / 3600), Math.floor((whole % 3600) / 60), whole % 60].map((n) => String(n).padStart(2, "0")).join(":");
  return days > 0 ? `${days}d ${clock}` : clock;
}
