/**
 * How a local VM starts the agent's bundle: `node ...AGENT_NODE_FLAGS agent.cjs`. Measured: without them an idle agent
 * holds about 10 MB more. `UV_THREADPOOL_SIZE` belongs into the environment.
 */
export const AGENT_NODE_FLAGS: readonly string[] = [
  "--max-old-space-size=64",
  "--max-semi-space-size=1",
  "--v8-pool-size=1",
  "--no-opt",
  "--no-warnings",
];

export const AGENT_ENVIRONMENT: Readonly<Record<string, string>> = { UV_THREADPOOL_SIZE: "2" };

/** Exit code after the action `shutdown`: the VM's init must power off instead of starting the agent again. */
export const EXIT_SHUTDOWN = 100;
