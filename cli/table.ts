import type { Command } from "./command.ts";

export interface CommandEntry {
  name: string;
  aliases?: readonly string[];
  group: "Update" | "Look" | "Repair" | "Secrets" | "Manifests and releases" | "Set-up";
  summary: string;
  /** Its runs are tasks: what it changes is written into a journal. */
  changes?: boolean;
  load(): Promise<Command>;
}

/** Every verb, in the order help shows them. Loading is lazy so that `--version` and `help` stay quick. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "up",
    group: "Update",
    summary: "Bring an environment up to date",
    changes: true,
    load: async () => (await import("./commands/up.ts")).up,
  },
  {
    name: "preview",
    group: "Update",
    summary: "Show what 'up' would change",
    load: async () => (await import("./commands/preview.ts")).preview,
  },
  {
    name: "repave",
    group: "Update",
    summary: "Replace VMs in waves, all or some",
    changes: true,
    load: async () => (await import("./commands/repave.ts")).repave,
  },
  {
    name: "down",
    group: "Update",
    summary: "Remove an environment",
    changes: true,
    load: async () => (await import("./commands/down.ts")).down,
  },
  {
    name: "instances",
    aliases: ["is"],
    group: "Look",
    summary: "List instances with their state, AZ, IP and age",
    load: async () => (await import("./commands/instances.ts")).instances,
  },
  {
    name: "logs",
    group: "Look",
    summary: "Show or follow the logs of instances",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    name: "ssh",
    group: "Look",
    summary: "Open a shell on an instance, or run a command there",
    load: async () => (await import("./commands/ssh.ts")).ssh,
  },
  {
    name: "credentials",
    group: "Secrets",
    summary: "List credentials: names, age, who uses them; never values",
    load: async () => (await import("./commands/credentials.ts")).credentials,
  },
  {
    name: "rotate",
    group: "Secrets",
    summary: "Give credentials new values, CAs in three phases",
    changes: true,
    load: async () => (await import("./commands/rotate.ts")).rotate,
  },
  {
    name: "doctor",
    group: "Set-up",
    summary: "Say what this machine lacks and how to get it",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "env",
    group: "Set-up",
    summary: "Print the variables with which a plain 'pulumi' uses the same state",
    load: async () => (await import("./commands/env.ts")).env,
  },
  {
    name: "interpolate",
    aliases: ["int"],
    group: "Manifests and releases",
    summary: "Apply ops files and variables to a manifest",
    load: async () => (await import("./commands/interpolate.ts")).interpolate,
  },
  {
    name: "manifest",
    group: "Manifests and releases",
    summary: "Show the effective manifest, or turn it into a TypeScript stack",
    load: async () => (await import("./commands/manifest.ts")).manifest,
  },
  {
    name: "import",
    group: "Manifests and releases",
    summary: "Turn a BOSH deployment's documents into a project of its own",
    load: async () => (await import("./commands/import.ts")).importCommand,
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
  {
    name: "restart",
    group: "Repair",
    summary: "Stop and start the jobs of instances, in waves",
    changes: true,
    load: async () => (await import("./commands/restart.ts")).restart,
  },
  {
    name: "recreate",
    group: "Repair",
    summary: "Replace the VMs of instances, in waves",
    changes: true,
    load: async () => (await import("./commands/recreate.ts")).recreate,
  },
  {
    name: "stop",
    group: "Repair",
    summary: "Stop the jobs of instances and keep them stopped",
    changes: true,
    load: async () => (await import("./commands/stop.ts")).stop,
  },
  {
    name: "start",
    group: "Repair",
    summary: "Start instances that were stopped",
    changes: true,
    load: async () => (await import("./commands/start.ts")).start,
  },
  {
    name: "ignore",
    group: "Repair",
    summary: "Let updates leave instances alone",
    load: async () => (await import("./commands/ignore.ts")).ignore,
  },
  {
    name: "unignore",
    group: "Repair",
    summary: "Let updates touch ignored instances again",
    load: async () => (await import("./commands/unignore.ts")).unignore,
  },
  {
    name: "errands",
    group: "Look",
    summary: "List the jobs that can be run as errands",
    load: async () => (await import("./commands/errands.ts")).errands,
  },
  {
    name: "run-errand",
    group: "Update",
    summary: "Run an errand on its instances, or on a VM made for it",
    changes: true,
    load: async () => (await import("./commands/run-errand.ts")).runErrandCommand,
  },
  {
    name: "check",
    aliases: ["cck"],
    group: "Repair",
    summary: "Find dead VMs, failing jobs, drift and orphans",
    load: async () => (await import("./commands/check.ts")).check,
  },
  {
    name: "repair",
    group: "Repair",
    summary: "Resolve what 'check' finds",
    changes: true,
    load: async () => (await import("./commands/repair.ts")).repair,
  },
  {
    name: "watch",
    group: "Repair",
    summary: "Repair an environment unattended: lost VMs, silent agents, failing jobs",
    changes: true,
    load: async () => (await import("./commands/watch.ts")).watch,
  },
  {
    name: "vms",
    group: "Look",
    summary: "List what the IaaS runs, orphans among it",
    load: async () => (await import("./commands/vms.ts")).vms,
  },
  {
    name: "disks",
    group: "Look",
    summary: "List persistent disks; attach, orphan and delete them",
    changes: true,
    load: async () => (await import("./commands/disks.ts")).disks,
  },
  {
    name: "locks",
    group: "Look",
    summary: "Say who is changing an environment, and since when",
    load: async () => (await import("./commands/locks.ts")).locks,
  },
  {
    name: "history",
    group: "Look",
    summary: "List the updates of an environment",
    load: async () => (await import("./commands/history.ts")).history,
  },
  {
    name: "diff",
    group: "Update",
    summary: "Show what the next update would change, in manifest terms",
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  {
    name: "rollback",
    group: "Update",
    summary: "Go back to the manifest, releases and stemcells of an earlier update",
    changes: true,
    load: async () => (await import("./commands/rollback.ts")).rollback,
  },
  {
    name: "variables",
    group: "Secrets",
    summary: "List variables: names, types, who uses them; never values",
    load: async () => (await import("./commands/variables.ts")).variables,
  },
  {
    name: "pipeline",
    group: "Update",
    summary: "Render a pipeline for cron, systemd, GitHub or Concourse, or run it here",
    load: async () => (await import("./commands/pipeline.ts")).pipeline,
  },
  {
    name: "completion",
    group: "Set-up",
    summary: "Print the completion of bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  {
    name: "tasks",
    group: "Look",
    summary: "List the commands that changed an environment, and what came of them",
    load: async () => (await import("./commands/tasks.ts")).tasks,
  },
  {
    name: "task",
    group: "Look",
    summary: "Show or follow one of them, step by step",
    load: async () => (await import("./commands/task.ts")).task,
  },
  {
    name: "cancel",
    group: "Look",
    summary: "Stop a task that runs, once it has ended the steps it is in",
    load: async () => (await import("./commands/cancel.ts")).cancel,
  },
  {
    name: "events",
    group: "Look",
    summary: "List what was done to which instance, when, and how it ended",
    load: async () => (await import("./commands/events.ts")).events,
  },
  {
    name: "scp",
    group: "Look",
    summary: "Copy files to and from instances",
    load: async () => (await import("./commands/scp.ts")).scp,
  },
];
