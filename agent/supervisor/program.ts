import { spawn } from "node:child_process";
import { readText } from "../files.ts";
import type { ProgramSpec } from "./monit-file.ts";

/** Starts a start or stop program as monit does: own session, no output, a nearly empty environment. Resolves with its exit code. */
export function runProgram(program: ProgramSpec, service: string, event: string): Promise<number> {
  const [file, ...args] = program.command;
  if (file === undefined) return Promise.resolve(0);
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: "/",
      stdio: "ignore",
      detached: true,
      env: { PATH: "/bin:/usr/bin:/sbin:/usr/sbin", MONIT_SERVICE: service, MONIT_EVENT: event },
      ...identityOf(program),
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
    child.unref();
  });
}

function identityOf({ uid, gid }: ProgramSpec): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0 || !mayChangeUser()) return {};
  const user = uid === undefined ? undefined : lookUp("/etc/passwd", uid);
  const group = gid === undefined ? undefined : lookUp("/etc/group", gid);
  return { uid: user?.id, gid: group?.id ?? user?.group };
}

/** In a user namespace with one uid there is nobody else to become. */
function mayChangeUser(): boolean {
  const lines = (readText("/proc/self/uid_map") ?? "").trim().split("\n");
  return lines.length > 1 || Number(lines[0]?.trim().split(/\s+/)[2] ?? 1) > 1;
}

function lookUp(database: string, name: string): { id: number; group: number | undefined } | undefined {
  if (/^\d+$/.test(name)) return { id: Number(name), group: undefined };
  const entry = (readText(database) ?? "").split("\n").find((line) => line.startsWith(`${name}:`))?.split(":");
  return entry && { id: Number(entry[2]), group: database === "/etc/passwd" ? Number(entry[3]) : undefined };
}
