import { Readable } from "node:stream";
import { Command } from "commander";
import { interpolate } from "../../cli/commands/interpolate.ts";
import { describeError } from "../../cli/ui/error.ts";
import type { Ui } from "../../cli/ui/ui.ts";
import { RepaveError } from "../../director/core/errors.ts";

export interface CommandOutcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `repave interpolate` inside this process: the real command, with streams and environment of its own. */
export async function runInterpolate(
  args: readonly string[],
  { cwd, env = {}, stdin = "", signal = new AbortController().signal }: { cwd: string; env?: NodeJS.ProcessEnv; stdin?: string | Buffer; signal?: AbortSignal },
): Promise<CommandOutcome> {
  const out = { code: 0, stdout: "", stderr: "" };
  const ui = {
    json: false,
    tty: false,
    color: false,
    out: (text) => void (out.stdout += Buffer.from(text).toString()),
    info: (line) => void (out.stderr += `${line}\n`),
    warn: (line) => void (out.stderr += `${line}\n`),
    table: () => undefined,
    data: () => undefined,
  } satisfies Ui;
  const command = new Command("interpolate").exitOverride().configureOutput({ writeErr: (text) => void (out.stderr += text) });
  try {
    interpolate.define(command);
    command.parse([...args], { from: "user" });
    out.code = await interpolate.run(command.args, command.opts(), { cwd, env, stdin: Readable.from([Buffer.from(stdin)]), ui, signal });
  } catch (error) {
    out.code = 1;
    if (error instanceof RepaveError) out.stderr += describeError(error).join("\n");
    else if ((error as { code?: string }).code?.startsWith("commander.")) out.stderr += (error as Error).message;
    else throw error;
  }
  return out;
}
