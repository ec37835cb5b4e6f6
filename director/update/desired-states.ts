import { z } from "zod";
import { type Selectable, selectsInstance } from "../selectors.ts";
import type { InstanceState } from "./snapshot.ts";

/** Which instances are not to run, as the stack's config keeps it (`repave:states`): selector to state. */
export const statesConfigSchema = z.record(z.string().min(1), z.enum(["started", "stopped", "detached"]));

export type StatesConfig = z.infer<typeof statesConfigSchema>;

/** What an instance is to be. Of several entries that mean it the last one counts. */
export function desiredState(states: StatesConfig, instance: Selectable): InstanceState {
  return (
    Object.entries(states)
      .filter(([selector]) => selectsInstance([selector], instance))
      .at(-1)?.[1] ?? "started"
  );
}

/** What an instance is to be: the config wins over the manifest, which names instances by id or index. */
export function wantedState(group: { state?: string | undefined; instanceStates?: Readonly<Record<string, string>> }, states: StatesConfig, instance: Selectable): InstanceState {
  const configured = desiredState(states, instance);
  const wanted = configured === "started" ? (group.instanceStates?.[instance.id] ?? group.instanceStates?.[String(instance.index)] ?? group.state) : configured;
  return wanted === "stopped" || wanted === "detached" ? wanted : "started";
}

/**
 * The states after some instances are given another one. Entries that mean several instances become one for each, by id:
 * an instance that a group gets later is started, as with BOSH.
 */
export function withState(states: StatesConfig, known: readonly Selectable[], chosen: readonly Selectable[], state: InstanceState): StatesConfig {
  const ids = new Set(chosen.map((instance) => instance.id));
  const next = known.map((instance) => [`${instance.group}/${instance.id}`, ids.has(instance.id) ? state : desiredState(states, instance)] as const);
  return Object.fromEntries(next.filter(([, wanted]) => wanted !== "started").sort(([a], [b]) => (a < b ? -1 : 1)));
}
