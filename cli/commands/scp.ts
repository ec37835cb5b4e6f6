import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { copyFrom, copyTo, parsePlace, type RemotePlace } from "../day2/copy.ts";
import { withShell } from "../day2/shell.ts";
import { exitCode } from "../exit-codes.ts";
import { selectInstances } from "../environment/select.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";
import { environmentOption } from "../options.ts";

export const scp: Command = {
  define(command) {
    command
      .argument("<from>", "a path here, or INSTANCES:PATH")
      .argument("<to>", "a path here, or INSTANCES:PATH; ((instance_id)) in a path here stands for each instance's id")
      .addOption(environmentOption())
      .option("-r, --recursive", "copy a folder with all that is in it");
  },
  async run([from = "", to = ""], options, context) {
    const [source, target] = [parsePlace(from), parsePlace(to)];
    const remote = typeof source === "string" ? target : source;
    if (typeof remote === "string" || typeof source === typeof target) {
      throw new RepaveError("cli.usage", "One side of a copy is here and the other on instances", { hint: "such as: repave scp router/0:/var/vcap/sys/log/router/router.log ." });
    }
    const session = openSession(environmentName(options["environment"], context), context);
    const instances = await selectInstances(session, [remote.selector]);
    if (typeof target === "string" && instances.length > 1 && !target.includes("((instance_id))")) {
      throw new RepaveError("cli.usage", `'${remote.selector}' means ${instances.length} instances, and all would be copied to '${target}'`, { hint: "put ((instance_id)) into the path" });
    }
    const recursive = Boolean(options["recursive"]);
    await Promise.all(
      instances.map((instance) =>
        withShell(session, instance, (shell) =>
          typeof target === "string" ? copyFrom(shell, instance, remote.path, target.replaceAll("((instance_id))", instance.instanceId), recursive) : copyTo(shell, instance, from, (target as RemotePlace).path, recursive),
        ),
      ),
    );
    return exitCode.ok;
  },
};
