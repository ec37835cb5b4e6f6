import type { Command as CommanderCommand } from "commander";
import type { CommandContext } from "../../command.ts";

/** One verb of `repave disks`. */
export interface DisksVerb {
  readonly name: string;
  readonly summary: string;
  define(command: CommanderCommand): void;
  run(args: string[], options: Record<string, unknown>, context: CommandContext): Promise<number>;
}
