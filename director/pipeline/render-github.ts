import { stringify } from "yaml";
import { type Pipeline, type PipelineStage, stagesOf } from "./pipeline.ts";
import { cronFields } from "./render-timers.ts";
import type { RenderedFile } from "./render.ts";

/** A workflow of GitHub Actions: a job for each stage, scheduled stages by their own cron. */
export function github(pipeline: Pipeline): RenderedFile[] {
  const stages = stagesOf(pipeline);
  const crons = [...new Set(stages.flatMap(({ schedule }) => (schedule ? [cronFields(schedule)] : [])))];
  const workflow = {
    name: `repave ${pipeline.environment}`,
    on: {
      push: { branches: [pipeline.branch ?? "main"] },
      workflow_dispatch: {},
      ...(crons.length > 0 ? { schedule: crons.map((cron) => ({ cron })) } : {}),
    },
    permissions: { contents: "read" },
    // One at a time, and never one cut off by the next.
    concurrency: { group: `repave-${pipeline.environment}`, "cancel-in-progress": false },
    jobs: Object.fromEntries(stages.map((stage, i) => [stage.name, job(pipeline, stage, stage.schedule === undefined ? stages[i - 1]?.name : undefined)])),
  };
  return [{ name: `repave-${pipeline.environment}.yml`, text: stringify(workflow, { lineWidth: 0 }) }];
}

function job(pipeline: Pipeline, { name, steps, schedule }: PipelineStage, after: string | undefined): object {
  const secrets = ["PULUMI_CONFIG_PASSPHRASE", ...(pipeline.secrets ?? [])];
  return {
    ...(after === undefined ? {} : { needs: after }),
    if: schedule === undefined ? "github.event_name != 'schedule'" : `github.event.schedule == '${cronFields(schedule)}'`,
    "runs-on": "ubuntu-latest",
    ...(name === "verify" ? {} : { environment: name === "canary" ? pipeline.canary!.environment : pipeline.environment }),
    env: { PULUMI_BACKEND_URL: "${{ vars.PULUMI_BACKEND_URL }}", ...Object.fromEntries(secrets.map((secret) => [secret, `\${{ secrets.${secret} }}`])) },
    steps: [
      { uses: "actions/checkout@v4" },
      { uses: "actions/setup-node@v4", with: { "node-version": 22, cache: "npm" } },
      { run: "npm ci" },
      { name: steps.join(", "), run: `npx repave pipeline run ${steps.join(" ")}` },
    ],
  };
}
