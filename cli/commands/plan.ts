import { statSync } from "node:fs";
import path from "node:path";
import type { Command as Commander } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { planData, planEnvironment, showPlan } from "../plan/live.ts";
import { planManifest, type OfflineOptions } from "../plan/offline.ts";
import { definePace, paceSettings } from "../plan/pace.ts";
import { openSession } from "../environment/session.ts";
import { environmentName, prepareStack } from "../environment/update.ts";
import { defineManifestOptions } from "./manifest-source.ts";
import { environmentArgument } from "../options.ts";

/** Options that only make sense with a manifest. */
const offlineOptions = ["opsFile", "var", "varFile", "varsFile", "varsEnv", "varsStore", "cloudConfig", "runtimeConfig", "strict", "releases", "stemcell", "previous", "partial"] as const;

export const plan: Command = {
  define(command: Commander) {
    command.addArgument(environmentArgument("the environment to plan an update of (default: local), or the file of a manifest to plan offline; - for standard input"));
    command.option("--no-refresh", "trust the state instead of looking at the VMs first");
    definePace(command);
    defineManifestOptions(command);
    command
      .option("--releases <dir>", "folder with the releases: RELEASE/JOB.yml, RELEASE/jobs/JOB/spec, or RELEASE.tgz")
      .option("--stemcell <os/version>", "a stemcell at hand, for 'version: latest'; repeatable", (value: string, before: string[] = []) => [...before, value])
      .option("--previous <file>", "an earlier plan's --json output, taken for what is there now")
      .option("--partial", "succeed although something is missing; it is listed all the same")
      .addHelpText(
        "after",
        "\nWithout a manifest it previews the environment and answers 0 also when 'up' would refuse; --json says why.\nOptions about documents (-o to --partial) go with a manifest.\n\nExamples:\n  repave plan\n  repave plan production --max-in-flight 10%\n  repave plan cf.yml -o scale.yml -v system_domain=cf.example.com --cloud-config cloud.yml --releases releases --json",
      );
  },

  async run([given], options, context) {
    const offline = offlineOptions.find((name) => options[name] !== undefined);
    if (given !== undefined && (offline !== undefined || isManifest(given, context))) return planManifest(given, options as OfflineOptions, context);
    if (offline !== undefined) throw new RepaveError("cli.usage", `--${dashed(offline)} goes with the file of a manifest`, { hint: "repave plan MANIFEST ..., or repave plan [ENVIRONMENT] without it" });
    const session = openSession(environmentName(given, context), context);
    await prepareStack(session, context);
    const planned = await planEnvironment(session, context, { flags: options["refresh"] === false ? [] : ["--refresh"], settings: paceSettings(options) });
    if (planned.code !== exitCode.ok) return planned.code;
    if (context.ui.json) context.ui.data(planData(session, planned));
    else showPlan(context, planned, { warnings: true });
    return exitCode.ok;
  },
};

/** A file, or what can be nothing else; an environment's name has no slash. */
function isManifest(given: string, context: Pick<CommandContext, "cwd">): boolean {
  return given === "-" || given.includes("/") || /\.ya?ml$/.test(given) || Boolean(statSync(path.resolve(context.cwd, given), { throwIfNoEntry: false })?.isFile());
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
}
