import { stringify } from "yaml";
import { type Pipeline, type PipelineStage, type Schedule, stagesOf } from "./pipeline.ts";
import type { RenderedFile } from "./render.ts";

const dayNames = { sun: "Sunday", mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday" } as const;

/** A pipeline of Concourse: a job for each stage; those of a change pass it on, scheduled ones have a time resource. */
export function concourse(pipeline: Pipeline): RenderedFile[] {
  const stages = stagesOf(pipeline);
  const timed = stages.filter(({ schedule }) => schedule !== undefined);
  const document = {
    resources: [
      { name: "source", type: "git", icon: "git", source: { uri: "((source_uri))", branch: pipeline.branch ?? "main", private_key: "((source_private_key))" } },
      ...timed.map(({ name, schedule }) => ({ name: `when-to-${name}`, type: "time", icon: "clock-outline", source: timeSource(schedule!) })),
    ],
    jobs: stages.map((stage, i) => job(pipeline, stage, stage.schedule === undefined ? stages[i - 1]?.name : undefined)),
  };
  return [{ name: `repave-${pipeline.environment}.concourse.yml`, text: stringify(document, { lineWidth: 0 }) }];
}

function job(pipeline: Pipeline, { name, steps, schedule }: PipelineStage, after: string | undefined): object {
  const secrets = ["PULUMI_CONFIG_PASSPHRASE", ...(pipeline.secrets ?? [])];
  const source = schedule ? [{ get: `when-to-${name}`, trigger: true }, { get: "source" }] : [{ get: "source", trigger: true, ...(after === undefined ? {} : { passed: [after] }) }];
  return {
    name,
    // One at a time on an environment: an update that meets another one's lock would fail.
    serial_groups: [pipeline.environment],
    plan: [
      ...source,
      {
        task: name,
        config: {
          platform: "linux",
          image_resource: { type: "registry-image", source: { repository: "node", tag: "22" } },
          inputs: [{ name: "source" }],
          caches: [{ path: "npm-cache" }],
          params: { PULUMI_BACKEND_URL: "((pulumi_backend_url))", npm_config_cache: "../npm-cache", ...Object.fromEntries(secrets.map((secret) => [secret, `((${secret.toLowerCase()}))`])) },
          run: { path: "sh", dir: "source", args: ["-ec", `npm ci\nnpx repave pipeline run ${steps.join(" ")}\n`] },
        },
      },
    ],
  };
}

/** One version a day, in the hour that begins then. */
function timeSource({ time, days }: Schedule): object {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const stop = `${String((hours + 1) % 24).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
  return { location: "UTC", start: time, stop, ...(days === undefined ? {} : { days: days.map((day) => dayNames[day]) }) };
}
