import { once } from "node:events";
import type { Readable } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import { withLabel } from "./labelled-lines.ts";
import type { Shell } from "./shell.ts";

export interface WantedLogs {
  /** Of each file, from its end. */
  lines: number;
  job: string | undefined;
  kinds: readonly ("job" | "agent")[];
}

/** Characters of what a program that ended has said last. */
const KEPT = 500;

/** Passes on what an instance's logs get, until it is told to stop. @throws RepaveError `cli.logs` when the program there ends by itself */
export async function followLogs(shell: Pick<Shell, "start">, label: string, { lines, job, kinds }: WantedLogs, { signal, out }: { signal: AbortSignal; out(text: string): void }): Promise<void> {
  const jobs = job === undefined ? "/var/vcap/sys/log/*/*.log" : '/var/vcap/sys/log/"$1"/*.log';
  const where = kinds.map((kind) => (kind === "agent" ? "/var/vcap/bosh/log/current" : jobs)).join(" ");
  const child = await shell.start(["/bin/sh", "-c", `exec tail -q -n ${lines} -F ${where}`, "sh", job ?? ""], { stdio: ["ignore", "pipe", "pipe"], root: true });
  const stop = () => child.kill();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  // Of files that come and go `tail` speaks all the time; it is told only where it was the end.
  let said = "";
  child.stderr?.on("data", (chunk) => (said = (said + String(chunk)).slice(-KEPT)));
  const [[code]] = (await Promise.all([once(child, "close"), withLabel(label, child.stdout as Readable, out)])) as [[number | null], void];
  if (code && !signal.aborted) throw new RepaveError("cli.logs", `The logs of ${label} can't be followed any more: ${said.trim() || `it ended with ${code}`}`);
}
