import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import type { Readable } from "node:stream";
import { RepaveError } from "../../director/core/errors.ts";
import { openAgent } from "../../provider/agents.ts";
import { localIaasOf } from "../../provider/local-environments.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { selectInstances } from "../environment/select.ts";
import { openSession, type Session } from "../environment/session.ts";
import type { KnownInstance } from "../environment/state.ts";
import { environmentName } from "../environment/update.ts";

const LINES = 10;

export const logs: Command = {
  define(command) {
    command
      .argument("[selectors...]", "GROUP, GROUP/INDEX or GROUP/ID; none means every instance")
      .option("-e, --environment <name>", "the environment (default: local)")
      .option("-f, --follow", "go on with what is written from now on, until Ctrl-C")
      .option("--job <name>", "only this job's logs")
      .option("-n, --num <lines>", `lines of each file (default: ${LINES})`)
      .option("--agent", "the agents' own logs instead of the jobs'");
  },
  async run(selectors, options, context) {
    const session = openSession(environmentName(options["environment"], context), context);
    const instances = await selectInstances(session, selectors);
    const lines = options["num"] === undefined ? LINES : Number(options["num"]);
    if (!Number.isInteger(lines) || lines < 0) throw new RepaveError("cli.usage", `--num takes a whole number, not '${String(options["num"])}'`);
    const wanted: Wanted = { lines, job: options["job"] as string | undefined, agent: Boolean(options["agent"]) };
    await Promise.all(instances.map((instance) => (options["follow"] ? follow(session, context, instance, wanted) : show(session, context, instance, wanted))));
    return exitCode.ok;
  },
};

interface Wanted {
  lines: number;
  job: string | undefined;
  agent: boolean;
}

async function show(session: Session, context: CommandContext, instance: KnownInstance, wanted: Wanted): Promise<void> {
  const label = `${instance.group}/${instance.index}`;
  const folder = await mkdtemp(path.join(os.tmpdir(), "repave-logs-"));
  const agent = openAgent(session.home, instance.access, label, { signal: context.signal });
  try {
    const file = path.join(folder, "logs.tgz");
    await agent.fetchLogs([wanted.agent ? "agent" : "job"], wanted.job ? [`${wanted.job}/**/*`] : [], file);
    for (const { name, content } of await filesOf(file)) {
      const tail = content.trimEnd().split("\n").slice(-wanted.lines);
      if (content.trim() === "") continue;
      context.ui.out(`==> ${label} ${name}\n${tail.join("\n")}\n`);
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
async function follow(session: Session, context: CommandContext, instance: KnownInstance, wanted: Wanted): Promise<void> {
  const { via } = instance.access;
  const label = `${instance.group}/${instance.index}`;
  if (via.kind !== "local") throw new RepaveError("cli.usage", "Logs are followed on local environments only, so far", { hint: "leave out --follow" });
  const where = wanted.agent ? "/var/vcap/bosh/log/current" : `/var/vcap/sys/log/${wanted.job ?? "*"}/*.log`;
  const child = await localIaasOf(session.home, via.environment).exec(instance.vmCid, ["/bin/sh", "-c", `exec tail -q -n ${wanted.lines} -F ${where}`], { stdio: ["ignore", "pipe", "ignore"] });
  const stop = () => child.kill();
  context.signal.addEventListener("abort", stop, { once: true });
  let rest = "";
  for await (const chunk of child.stdout ?? []) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) context.ui.out(`${label} | ${line}\n`);
  }
}
