import { spawn, type ChildProcess } from "node:child_process";

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
  /** Both, as a person would see them. */
  text: string;
}

export interface Running {
  child: ChildProcess;
  done: Promise<Finished>;
  /** What was printed so far. */
  text(): string;
}

export interface CommandOptions {
  cwd: string;
  env: Record<string, string | undefined>;
  /** Gives it a process group of its own, so that all of it can be killed. */
  detached?: boolean;
}

/** Starts a program and keeps all it prints. */
export function startCommand(argv: readonly [string, ...string[]], options: CommandOptions): Running {
  const [program, ...args] = argv;
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"], detached: options.detached ?? false });
  let stdout = "";
  let stderr = "";
  let text = "";
  child.stdout.on("data", (chunk) => ((stdout += chunk), (text += chunk)));
  child.stderr.on("data", (chunk) => ((stderr += chunk), (text += chunk)));
  const done = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr, text }));
  });
  return { child, done, text: () => text };
}
