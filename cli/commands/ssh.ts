import { RepaveError } from "../../director/core/errors.ts";
import { localIaasOf } from "../../provider/local-environments.ts";
import type { Command } from "../command.ts";
import { selectInstances } from "../environment/select.ts";
import { openSession } from "../environment/session.ts";
import { environmentName } from "../environment/update.ts";

export const ssh: Command = {
  define(command) {
    command
      .argument("<instance>", "GROUP/INDEX or GROUP/ID")
      .argument("[command...]", "what to run there, after --; none opens a shell")
      .option("-e, --environment <name>", "the environment (default: local)");
  },
  async run([selector, ...argv], options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const [instance, ...more] = await selectInstances(session, [selector ?? ""]);
    if (!instance || more.length > 0) throw new RepaveError("cli.usage", `'${selector}' means ${more.length + 1} instances; a session needs one`, { hint: "name one, such as router/0" });
    const { via } = instance.access;
    if (via.kind !== "local") throw new RepaveError("cli.usage", "Sessions are opened on local environments only, so far", { hint: "use the IaaS's own way in" });
    const iaas = localIaasOf(session.home, via.environment);
    const child = await iaas.exec(instance.vmCid, argv.length > 0 ? argv : ["/bin/bash"], { tty: context.ui.tty, stdio: "inherit" });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(signal ? 130 : (code ?? 1)));
    });
  },
};
