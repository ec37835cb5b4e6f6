import { parseArgs } from "node:util";
import path from "node:path";

export interface AgentOptions {
  /** Everything the agent owns lives under it. */
  base: string;
  /** A file with the settings JSON. */
  settingsFile: string;
  /** Where the IaaS makes an attached disk appear, as `<devices>/<disk cid>`. */
  devices: string;
  /** How a disk gets to `store`: a bind mount, or a symbolic link where mounting is not possible. */
  diskMode: "bind" | "link";
  /** The hosts file `sync_dns` writes. */
  hostsFile: string;
}

export const USAGE =
  "usage: agent [-b BASE] (-C AGENT_JSON | --settings FILE) [--devices DIR] [--disk-mode bind|link] [--hosts FILE]";

const VM_BASE = "/var/vcap";

/** `readFile` is used for the file named by `-C`, whose `File` source names the settings. Throws an Error with the usage. */
export function parseOptions(argv: readonly string[], readFile: (file: string) => string): AgentOptions {
  // -P and -M choose a platform and a supervisor of the real agent; accepting them keeps its command line usable.
  const { values } = parseArgs({
    args: [...argv],
    options: {
      base: { type: "string", short: "b", default: VM_BASE },
      config: { type: "string", short: "C" },
      platform: { type: "string", short: "P" },
      monitor: { type: "string", short: "M" },
      settings: { type: "string" },
      devices: { type: "string" },
      "disk-mode": { type: "string" },
      hosts: { type: "string" },
    },
  });
  const base = path.resolve(values.base);
  const inVm = base === VM_BASE;
  const settingsFile = values.settings ?? (values.config === undefined ? undefined : fileSourceOf(values.config, readFile));
  if (settingsFile === undefined) throw new Error(`no settings source\n${USAGE}`);
  const diskMode = values["disk-mode"] ?? (inVm ? "bind" : "link");
  if (diskMode !== "bind" && diskMode !== "link") throw new Error(`--disk-mode must be 'bind' or 'link', not '${diskMode}'\n${USAGE}`);
  return {
    base,
    settingsFile: path.resolve(settingsFile),
    devices: path.resolve(values.devices ?? path.join(base, "devices")),
    diskMode,
    hostsFile: path.resolve(values.hosts ?? (inVm ? "/etc/hosts" : path.join(base, "bosh", "etc_hosts"))),
  };
}

function fileSourceOf(config: string, readFile: (file: string) => string): string {
  const parsed = JSON.parse(readFile(config)) as { Infrastructure?: { Settings?: { Sources?: { Type?: string; SettingsPath?: string }[] } } };
  const source = parsed.Infrastructure?.Settings?.Sources?.find((s) => s.Type === "File" && s.SettingsPath);
  if (source?.SettingsPath === undefined) throw new Error(`'${config}' names no source of type File`);
  return source.SettingsPath;
}
