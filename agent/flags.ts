/**
 * How a local VM starts the agent's bundle: `node ...AGENT_NODE_FLAGS agent.cjs`, with AGENT_ENVIRONMENT. Measured after
 * 200 calls: 50 MB resident (11 MB of it private), 56 MB without the flags.
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
