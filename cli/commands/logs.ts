import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { Readable } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import { openAgent } from "../../provider/agents.ts";
import type { Command, CommandContext } from "../command.ts";
import { chooseForCommand, defineChoice } from "../day2/choice.ts";
import { followLogs, type WantedLogs as Wanted } from "../day2/follow-logs.ts";
import { withShell } from "../day2/shell.ts";
import { exitCode } from "../exit-codes.ts";
import { describeError } from "../ui/error.ts";
import { openSession, type Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";

const LINES = 10;

export const logs: Command = {
  define(command) {
    defineChoice(command)
      .option("-f, --follow", "go on with what is written from now on, until Ctrl-C")
      .option("--job <name>", "only this job's logs")
      .option("-n, --num <lines>", `lines of each file (default: ${LINES})`)
      .option("--agent", "the agents' own logs instead of the jobs'")
      .option("--all", "both");
  },
  async run(given, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const { chosen } = await chooseForCommand(session, given, options);
    const lines = options["num"] === undefined ? LINES : Number(options["num"]);
    if (!Number.isInteger(lines) || lines < 0) throw new RepaveError("cli.usage", `--num takes a whole number, not '${String(options["num"])}'`);
    const wanted: Wanted = { lines, job: options["job"] as string | undefined, kinds: options["all"] ? ["job", "agent"] : [options["agent"] ? "agent" : "job"] };
    const told = await Promise.allSettled(chosen.filter((i) => i.state !== "detached").map((instance) => (options["follow"] ? follow(session, context, instance, wanted) : show(session, context, instance, wanted))));
    // One that can't be reached does not hide what the others say.
    const failed = told.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    for (const reason of failed) for (const line of describeError(reason)) context.ui.info(line);
    return failed.length > 0 ? exitCode.error : exitCode.ok;
  },
};

async function show(session: Session, context: CommandContext, instance: KnownInstance, wanted: Wanted): Promise<void> {
  const label = `${instance.group}/${instance.index}`;
  const folder = await mkdtemp(path.join(os.tmpdir(), "repave-logs-"));
  const agent = openAgent(session.home, instance.access, label, { signal: context.signal });
  try {
    for (const kind of wanted.kinds) {
      const file = path.join(folder, `${kind}.tgz`);
      await agent.fetchLogs([kind], wanted.job && kind === "job" ? [`${wanted.job}/**/*`] : [], file);
      for (const { name, content } of await filesOf(file)) {
        const tail = content.trimEnd().split("\n").slice(-wanted.lines);
        if (content.trim() === "") continue;
        context.ui.out(`==> ${label} ${name}\n${tail.join("\n")}\n`);
      }
    }
  } finally {
    agent.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesOf(archive: string): Promise<{ name: string; content: string }[]> {
  const files: { name: string; content: string }[] = [];
  for await (const entry of createReadStream(archive).pipe(createGunzip()).pipe(extract())) {
    const stream = entry as unknown as Readable & { header: { name: string; type: string } };
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (stream.header.type === "file") files.push({ name: stream.header.name.replace(/^\.\//, ""), content: Buffer.concat(chunks).toString("utf8") });
  }
  return files.sort((a, b) => a.name.localeCompare(b.name));
}

/** Follows through a program on the VM, since the agent's protocol has no stream. */
function follow(session: Session, context: CommandContext, instance: KnownInstance, wanted: Wanted): Promise<void> {
  return withShell(session, instance, (shell) => followLogs(shell, `${instance.group}/${instance.index}`, wanted, { signal: context.signal, out: (text) => context.ui.out(text) }));
}
