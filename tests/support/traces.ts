import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { LocalIaas } from "../../provider/local/index.ts";

interface Trace {
  /** Everything of the test is below it; gone when the test has closed. */
  folder: string;
  stateDir: string;
  environment: string;
}

/** Tells the run of all tests where this test leaves things, should it be stopped before its `after` hook. */
export function leaveTrace(trace: Trace): void {
  const file = process.env["REPAVE_TEST_TRACES"];
  if (file) appendFileSync(file, `${JSON.stringify(trace)}\n`);
}

/** Removes what stopped tests left: their commands, their VMs, their folders. */
export async function removeTraces(file: string): Promise<void> {
  const traces = readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Trace);
  for (const { folder, stateDir, environment } of traces.filter((trace) => existsSync(trace.folder))) {
    for (const pid of commandsOf(folder)) process.kill(pid, "SIGKILL");
    if (existsSync(stateDir)) await new LocalIaas({ stateDir, environment, agentBundle: path.resolve("dist/agent/agent.cjs") }).destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processes that a test started with a home of its own. */
function commandsOf(folder: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`REPAVE_HOME=${folder}/`);
    } catch {
      return false;
    }
  });
}
