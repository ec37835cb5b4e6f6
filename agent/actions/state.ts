import type { AgentState } from "../../director/protocol/index.ts";
import { VitalsMeter } from "../platform/vitals.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";

export function stateActions({ settings, specs, supervisor, layout, disks }: Context): Record<string, Action> {
  const meter = new VitalsMeter();
  return {
    ping: { async: false, required: 0, run: async () => "pong" },
    info: { async: false, required: 0, run: async () => ({ api_version: 1 }) },
    get_state: {
      async: false,
      required: 0,
      async run([filter]) {
        const processes = supervisor.processes();
        const state: AgentState = {
          ...specs.read(),
          agent_id: settings.agentId,
          job_state: supervisor.state(),
          vm: settings.vm,
          ...(processes.length > 0 && { processes }),
          ...(filter === "full" && { vitals: meter.read(layout, { hasPersistentDisk: disks.mounted().length > 0 }) }),
        };
        return state;
      },
    },
  };
}
