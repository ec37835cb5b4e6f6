import type { Command } from "../command.ts";
import { RepaveError } from "../../director/core/errors.ts";

export const renderJob: Command = {
  define() {},
  async run() {
    throw new RepaveError("cli.unfinished", "'render-job' is not there yet");
  },
};
