import { phaseOf } from "../../director/rotation/index.ts";
import type { Command } from "../command.ts";
import { credentialsOf } from "../environment/credentials.ts";
import { exitCode } from "../exit-codes.ts";
import { readCredentialConfig } from "../environment/rotation-config.ts";
import { openSession } from "../environment/session.ts";
import { exportStack } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";
import { environmentArgument } from "../options.ts";

export const credentials: Command = {
  define(command) {
    command.addArgument(environmentArgument()).addHelpText("after", "\nNames, never values: a value is only on the VMs that need it, and in the state as a secret.");
  },
  async run([given], _options, context) {
    const session = openSession(environmentName(given, context), context);
    const [state, { rotation }] = await Promise.all([exportStack(session, { secrets: true }), readCredentialConfig(session)]);
    const rows = credentialsOf(state).map((c) => [
      c.id,
      c.kind === "certificate" && c.isCa ? "CA" : c.kind,
      day(c.createdAt),
      c.expiresAt === undefined ? "-" : day(c.expiresAt),
      c.signedBy ?? (c.isCa ? "itself" : "-"),
      phaseOf(c.id, c.signedBy, rotation) || "-",
      c.signsAgents ? "the agents of all VMs" : c.usedBy.join(", ") || "-",
    ]);
    context.ui.table(["name", "kind", "created", "expires", "signed by", "phase", "used by"], rows);
    return exitCode.ok;
  },
};

function day(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
