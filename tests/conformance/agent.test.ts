import { existsSync } from "node:fs";
import { after, before, describe } from "node:test";
import { embeddedAgent, realAgent, RunningAgent, type AgentProgram } from "../support/agent-process.ts";
import { abuseCases } from "./agent-cases/abuse.ts";
import { applyCases } from "./agent-cases/apply.ts";
import { blobCases } from "./agent-cases/blobs.ts";
import { compileCases } from "./agent-cases/compile.ts";
import { diskCases } from "./agent-cases/disks.ts";
import { scriptCases } from "./agent-cases/scripts.ts";
import { settingsCases } from "./agent-cases/settings.ts";
import { supervisionCases } from "./agent-cases/supervision.ts";
import { taskCases } from "./agent-cases/tasks.ts";
import { wireCases } from "./agent-cases/wire.ts";

const groups = {
  "wire: routes, authentication, envelopes": wireCases,
  "tasks: one queue, results, cancel": taskCases,
  "blobs, logs, DNS, ssh": blobCases,
  "prepare and apply": applyCases,
  "scripts, drain, errands": scriptCases,
  compile: compileCases,
  disks: diskCases,
  "settings and restart": settingsCases,
};

function suite(program: () => AgentProgram, cases: Record<string, (agent: () => RunningAgent) => void>): void {
  for (const [name, register] of Object.entries(cases)) {
    describe(name, () => {
      let agent: RunningAgent;
      before(async () => {
        agent = await RunningAgent.start(program());
      });
      after(() => agent?.remove());
      register(() => agent);
    });
  }
}

describe("embedded agent", () => {
  let built: Awaited<ReturnType<typeof embeddedAgent>>;
  before(async () => {
    built = await embeddedAgent();
  });
  after(() => built?.remove());
  suite(() => built.program, { ...groups, abuse: abuseCases, supervision: supervisionCases });
});

const binary = process.env.BOSH_AGENT_BIN;
const reason = binary === undefined ? "BOSH_AGENT_BIN names no bosh-agent" : existsSync(binary) ? false : `'${binary}' (BOSH_AGENT_BIN) does not exist`;

describe("real bosh-agent", { skip: reason }, () => {
  if (reason === false) suite(() => realAgent(binary!), groups);
});
