import { Argument, Option } from "commander";

// What several commands take, declared once: the same words mean the same everywhere.

/** The environment a command is for, where it takes nothing else by its place. */
export function environmentArgument(about = "default: local"): Argument {
  return new Argument("[environment]", about);
}

/** The environment of a command whose arguments are something else. */
export function environmentOption(): Option {
  return new Option("-e, --environment <name>", "the environment (default: local)");
}

export function yesOption(about = "don't ask"): Option {
  return new Option("-y, --yes", about);
}

/** Which instances are shown, by a command whose argument is the environment. */
export function instanceOption(about = "only these: GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49 or GROUP@AZ"): Option {
  return new Option("-i, --instance <selectors...>", about);
}
