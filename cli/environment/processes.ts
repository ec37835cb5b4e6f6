import { readFileSync } from "node:fs";

/**
 * Tells a command of ours to stop as Ctrl-C would. Not SIGINT: on a terminal the engine hears of that by itself, and only of one that
 * was typed there.
 */
export const CANCEL_SIGNAL = "SIGUSR2";

/** When a process of this computer began; undefined when there is none (a zombie is none). */
export function startOf(pid: number): Date | undefined {
  const fields = statOf(pid);
  if (fields === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
  return new Date(Date.now() - upMs() + (Number(fields[19]) / TICKS_PER_SECOND) * 1000);
}

export function parentOf(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields === undefined ? undefined : Number(fields[1]);
}

/** A variable that a process of this user was started with. */
export function variableOf(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").find((v) => v.startsWith(`${name}=`))?.slice(name.length + 1);
  } catch {
    return undefined;
  }
}

/** The kernel reports in this unit on every Linux, whatever its own clock. */
const TICKS_PER_SECOND = 100;

function upMs(): number {
  return Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000;
}

/** Fields of /proc/PID/stat from the state on. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
