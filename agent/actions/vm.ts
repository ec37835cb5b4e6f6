import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asObject, asString } from "../decode.ts";
import { EXIT_SHUTDOWN } from "../flags.ts";
import { makeDir, readText, remove, writeAtomic } from "../files.ts";
import type { Layout } from "../layout.ts";
import { defaultRouteOf } from "../platform/network.ts";
import { decodeUpdateSettings } from "../settings-store.ts";
import { saveTrustedCerts } from "../trusted-certs.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";

/** Actions about the VM itself: settings, users, its end. */
export function vmActions(context: Context): Record<string, Action> {
  const { settings, disks, layout, supervisor, exit } = context;
  return {
    update_settings: {
      async: true,
      required: 1,
      resume: async () => "ok",
      async run([argument]) {
        const update = decodeUpdateSettings(argument);
        settings.reload();
        for (const { name, cid } of update.disk_associations) disks.associate(name, cid);
        saveTrustedCerts(layout.trustedCerts, update.trusted_certs);
        if (!settings.applyUpdate(update)) return "ok";
        // The answer comes from the next run of the agent; a moment for this one to be read.
        await Promise.all([sleep(1000), supervisor.settle(10_000)]);
        exit(0);
        return new Promise(() => undefined);
      },
    },
    ssh: {
      async: false,
      required: 2,
      async run([commandArg, paramsArg]) {
        const command = asString(commandArg, "command");
        const params = asObject(paramsArg, "params");
        if (command === "setup") setUp(context, asString(params.user, "user"), asString(params.public_key, "public_key"));
        else if (command === "cleanup") cleanUp(layout.ssh, asString(params.user_regex, "user_regex"));
        else throw new Error("Unknown command for SSH method");
        return { command, status: "success", ...(command === "setup" && { ip: defaultIp(context), host_public_key: hostKey(layout) }) };
      },
    },
    delete_arp_entries: { async: false, required: 1, run: async () => ({}) },
    shutdown: {
      async: false,
      required: 0,
      async run() {
        setTimeout(() => exit(EXIT_SHUTDOWN), 200);
        return "";
      },
    },
  };
}

/** Keeps the key where a session into this VM looks for it; users are not made: a local VM has one. */
function setUp({ layout }: Context, user: string, key: string): void {
  if (!/^[a-z_][a-z0-9_-]*$/.test(user)) throw new Error(`Creating user: '${user}' is not a user name`);
  makeDir(layout.ssh, 0o700);
  mkdirSync(path.join(layout.ssh, user, ".ssh"), { recursive: true, mode: 0o700 });
  writeAtomic(path.join(layout.ssh, user, ".ssh", "authorized_keys"), `${key.trim()}\n`, 0o600);
}

function cleanUp(dir: string, pattern: string): void {
  makeDir(dir, 0o700);
  const matches = new RegExp(pattern);
  for (const user of readdirSync(dir)) if (user.startsWith("bosh_") && matches.test(user)) remove(path.join(dir, user));
}

/** What the VM's sshd shows, where it has one. An agent with another base folder is not in a VM of its own. */
function hostKey({ base }: Layout): string {
  return (base === "/var/vcap" && readText("/etc/ssh/ssh_host_rsa_key.pub")?.trim()) || "";
}

function defaultIp({ settings }: Context): string {
  const networks = Object.values(settings.networks);
  const network = networks.find((one) => (one.default ?? []).length > 0) ?? networks[0];
  // Of a dynamic network the settings have no address.
  const ip = network?.ip || (network?.type === "dynamic" ? defaultRouteOf()?.ip : undefined);
  if (!ip) throw new Error("No default ip could be found");
  return ip;
}
