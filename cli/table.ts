import type { Command } from "./command.ts";

export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  group: "Update" | "Look" | "Repair" | "Secrets" | "Manifests and releases" | "Set-up";
  summary: string;
  load(): Promise<Command>;
}

/** Every verb, in the order help shows them. Loading is lazy so that `--version` and `help` stay quick. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "up",
    group: "Update",
    summary: "Bring an environment up to date",
    load: async () => (await import("./commands/up.ts")).up,
  },
  {
    name: "preview",
    group: "Update",
    summary: "Show what 'up' would change",
    load: async () => (await import("./commands/preview.ts")).preview,
  },
  {
    name: "down",
    group: "Update",
    summary: "Remove an environment",
    load: async () => (await import("./commands/down.ts")).down,
  },
  {
    name: "interpolate",
    aliases: ["int"],
    group: "Manifests and releases",
    summary: "Apply ops files and variables to a manifest",
    load: async () => (await import("./commands/interpolate.ts")).interpolate,
  },
  {
    name: "render-job",
    group: "Manifests and releases",
    summary: "Render one job's templates from an input file",
    load: async () => (await import("./commands/render-job.ts")).renderJob,
  },
  {
    name: "release",
    group: "Manifests and releases",
    summary: "Create, inspect, fingerprint, compile and export releases",
    load: async () => (await import("./commands/release.ts")).release,
  },
  {
    name: "plan",
    group: "Update",
    summary: "Show what an update would do, where, in which wave and why",
    load: async () => (await import("./commands/plan.ts")).plan,
  },
];
