import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { localError } from "./failure.ts";
import { currentIdMaps } from "./id-maps.ts";
import type { EnvironmentPaths } from "./paths.ts";
import { initPid } from "./vm.ts";
import { readVm } from "./vm-record.ts";

export interface ExecOptions {
  /** Default: "inherit" with a tty, else pipes. */
  stdio?: StdioOptions;
  /** The program talks to the caller's terminal. */
  tty?: boolean;
  env?: Record<string, string>;
}

/** Starts a program as root inside a running VM. The child ends with the program's exit code, and at the latest with the VM. */
export async function execInVm(paths: EnvironmentPaths, cid: string, argv: readonly string[], options: ExecOptions = {}): Promise<ChildProcess> {
  const record = await readVm(paths, cid);
  const pid = record === undefined ? undefined : initPid(record);
  if (pid === undefined) {
    throw localError("no-vm", "exec", `VM '${cid}' does not run`, { details: { cid }, hint: "run the update again: it makes dead VMs anew" });
  }
  const credentials = currentIdMaps().single ? ["--preserve-credentials"] : [];
  return spawn("nsenter", ["--target", String(pid), "--user", "--mount", "--net", "--pid", "--uts", "--ipc", ...credentials, "--", ...argv], {
    cwd: "/",
    stdio: options.stdio ?? (options.tty === true ? "inherit" : "pipe"),
    env: {
      PATH: "/var/vcap/bosh/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      ...{ HOME: "/root", USER: "root", LOGNAME: "root", SHELL: "/bin/bash", LANG: "C.UTF-8" },
      ...(options.tty === true && process.env.TERM !== undefined ? { TERM: process.env.TERM } : {}),
      ...options.env,
    },
  });
}
