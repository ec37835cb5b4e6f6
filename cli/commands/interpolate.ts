import type { Command } from "../command.ts";
import { RepaveError } from "../../director/core/errors.ts";

export const interpolate: Command = {
  define() {},
  async run() {
    throw new RepaveError("cli.unfinished", "'interpolate' is not there yet");
  },
};
