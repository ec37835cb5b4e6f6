import { RepaveError } from "../../director/core/errors.ts";
import type { Command } from "../command.ts";
import { create } from "./release/create.ts";
import { compile, exportRelease } from "./release/export.ts";
import { fetchVerb } from "./release/fetch.ts";
import { fingerprint } from "./release/fingerprint.ts";
import { inspect } from "./release/inspect.ts";
import { relock } from "./release/relock.ts";
import type { ReleaseVerb } from "./release/release-verb.ts";

const verbs: readonly ReleaseVerb[] = [create, inspect, fingerprint, compile, exportRelease, fetchVerb, relock];

export const release: Command = {
  define(command) {
    for (const verb of verbs) verb.define(command.command(verb.name));
  },
  async run([name, ...args], options, context) {
    const verb = verbs.find((v) => v.name === name);
    if (!verb) throw new RepaveError("cli.usage", `'release' needs one of ${verbs.map((v) => v.name).join(", ")}`);
    return verb.run(args, options, context);
  },
};
