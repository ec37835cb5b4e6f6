import { type Pipeline, type Schedule, stagesOf, weekdays } from "./pipeline.ts";
import type { RenderContext, RenderedFile } from "./render.ts";

/** A schedule as five fields of cron, in UTC. */
export function cronFields({ time, days }: Schedule): string {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return `${minutes} ${hours} * * ${days === undefined ? "*" : days.map((day) => weekdays.indexOf(day)).sort().join(",")}`;
}

export function cron(pipeline: Pipeline, { folder }: RenderContext): RenderedFile[] {
  const lines = scheduled(pipeline).map(({ name, schedule }) => `${cronFields(schedule!)} cd ${shellWord(folder).replaceAll("%", "\\%")} && npx repave pipeline run ${name} --json`);
  return [{ name: `repave-${pipeline.environment}.cron`, text: ["# Times are in UTC. Output of a failed run is mailed by cron; exit codes are those of repave.", "CRON_TZ=UTC", ...lines, ""].join("\n") }];
}

/** A service for each stage, and a timer for those that have a schedule; the others are started by hand or by another unit. */
export function systemd(pipeline: Pipeline, { folder }: RenderContext): RenderedFile[] {
  return stagesOf(pipeline).flatMap(({ name, steps, schedule }) => {
    const unit = `repave-${pipeline.environment}-${name}`;
    const service = section({
      Unit: { Description: `repave: ${name} of ${pipeline.environment}`, Wants: "network-online.target", After: "network-online.target" },
      Service: { Type: "oneshot", WorkingDirectory: unitPath(folder), ExecStart: `/usr/bin/env npx repave pipeline run ${steps.join(" ")} --json`, KillSignal: "SIGINT", TimeoutStopSec: "infinity" },
    });
    const days = schedule?.days === undefined ? "" : `${schedule.days.map((day) => `${day[0]!.toUpperCase()}${day.slice(1)}`).join(",")} `;
    const timer = schedule && section({ Unit: { Description: `repave: when to ${name} ${pipeline.environment}` }, Timer: { OnCalendar: `${days}*-*-* ${schedule.time}:00 UTC`, Persistent: "true" }, Install: { WantedBy: "timers.target" } });
    return [{ name: `${unit}.service`, text: service }, ...(timer === undefined ? [] : [{ name: `${unit}.timer`, text: timer }])];
  });
}

function scheduled(pipeline: Pipeline) {
  return stagesOf(pipeline).filter(({ schedule }) => schedule !== undefined);
}

function section(sections: Record<string, Record<string, string>>): string {
  return Object.entries(sections).map(([title, values]) => `[${title}]\n${Object.entries(values).map(([key, value]) => `${key}=${value}\n`).join("")}`).join("\n");
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Percent signs are specifiers in units. */
function unitPath(text: string): string {
  return text.replaceAll("%", "%%");
}
