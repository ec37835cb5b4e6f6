import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { attach } from "./disks/attach.ts";
import { cleanUp } from "./disks/clean-up.ts";
import { deleteVerb } from "./disks/delete.ts";
import type { DisksVerb } from "./disks/disks-verb.ts";
import { list } from "./disks/list.ts";
import { orphan } from "./disks/orphan.ts";
import { snapshot } from "./disks/snapshot.ts";

const verbs: readonly DisksVerb[] = [list, attach, orphan, snapshot, deleteVerb, cleanUp];

export const disks: Command = {
  define(command) {
    for (const verb of verbs) verb.define(command.command(verb.name, { isDefault: verb === list }).description(verb.summary));
  },
  async run([name, ...args], options, context) {
    const verb = verbs.find((v) => v.name === name);
    if (!verb) throw new RepaveError("cli.usage", `'disks' needs one of ${verbs.map((v) => v.name).join(", ")}`);
    return verb.run(args, options, context);
  },
};
