import type { Command } from "../command.ts";
import { RepaveError } from "../../director/core/errors.ts";

export const release: Command = {
  define() {},
  async run() {
    throw new RepaveError("cli.unfinished", "'release' is not there yet");
  },
};
