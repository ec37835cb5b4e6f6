import type { Command as CommanderCommand } from "commander";
import { RepaveError } from "../../director/core/errors.ts";

/** Declares what `bosh deploy` may override for one run. */
export function definePace(command: CommanderCommand): CommanderCommand {
  return command
    .option("--canaries <count>", "so many canaries in this run, N or N%, whatever the groups say")
    .option("--max-in-flight <count>", "so many instances at once in this run, N or N%, whatever the groups say");
}

/** Declares `--skip-drain` for commands that stop jobs. */
export function defineSkipDrain(command: CommanderCommand): CommanderCommand {
  return command.option("--skip-drain [groups]", "neither pre-stop nor drain scripts in this run, or only for these groups: --skip-drain=web,cell");
}

/** Config values of this run for the options of `definePace`. */
export function paceSettings(options: Record<string, unknown>): Record<string, string> {
  const pace = { ...checked(options, "canaries", "--canaries"), ...checked(options, "maxInFlight", "--max-in-flight") };
  return Object.keys(pace).length === 0 ? {} : { "repave:pace": JSON.stringify(pace) };
}

/** Environment variables of this run for `--skip-drain`: the provider reads them, for instances that go too. */
export function drainVariables(options: Record<string, unknown>): Record<string, string> {
  const given = options["skipDrain"];
  return given === undefined || given === false ? {} : { REPAVE_SKIP_DRAIN: given === true ? "*" : String(given) };
}

function checked(options: Record<string, unknown>, name: string, flag: string): Record<string, string> {
  const value = options[name];
  if (value === undefined) return {};
  if (/^([-+]?\d+|\d+%)$/.test(String(value))) return { [name]: String(value) };
  throw new RepaveError("cli.usage", `${flag} takes a whole number or a percentage, not '${String(value)}'`, { hint: `${flag} 2, or ${flag} 10%` });
}
