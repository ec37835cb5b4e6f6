import { existsSync } from "node:fs";
import type { Layout } from "../layout.ts";
import type { AgentLog } from "../log.ts";

/** Runs a script of every job that has it, all at once; one failure fails the whole with the names of both kinds. */
export async function runOfJobs(options: {
  script: string;
  jobs: readonly string[];
  layout: Layout;
  log: AgentLog;
  run: (job: string, file: string) => Promise<void>;
}): Promise<void> {
  const { script, layout, log } = options;
  const present = options.jobs.map((job) => ({ job, file: layout.jobBin(job, script) })).filter(({ file }) => existsSync(file));
  const passed: string[] = [];
  const failed: string[] = [];
  await Promise.all(
    present.map(async ({ job, file }) => {
      try {
        await options.run(job, file);
        passed.push(job);
      } catch (error) {
        failed.push(job);
        log.error("script", `${script} of job ${job} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
  if (failed.length === 0) return;
  const others = passed.length > 0 ? `. Successful Jobs: ${passed.join(", ")}` : "";
  throw new Error(`${failed.length} of ${present.length} ${script} scripts failed. Failed Jobs: ${failed.join(", ")}${others}.`);
}
