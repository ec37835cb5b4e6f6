import type { Command } from "../command.ts";
import { RepaveError } from "../../director/core/errors.ts";

export const plan: Command = {
  define() {},
  async run() {
    throw new RepaveError("cli.unfinished", "'plan' is not there yet");
  },
};
