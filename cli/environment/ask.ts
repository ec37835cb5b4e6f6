import { createInterface } from "node:readline/promises";
import type { CommandContext } from "../command.ts";

/** Asks a yes-or-no question on the terminal; without one the answer is no. */
export async function ask(context: CommandContext, question: string): Promise<boolean> {
  if (!(context.stdin as NodeJS.ReadStream).isTTY) return false;
  const lines = createInterface({ input: context.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [yN] `, { signal: context.signal })).trim());
  } finally {
    lines.close();
  }
}
