import type { Command } from "../command.ts";
import { repave } from "./repave.ts";

/** BOSH's word for a repave of some instances. Stopped ones keep their VM. */
export const recreate: Command = { define: (command) => repave.define(command), run: (...call) => repave.run(...call) };
