import { ageBound, type DueVms } from "../rollout/repave-policy.ts";
import { type Selectable, selectsInstance } from "../selectors.ts";

export interface RenewalRequest {
  /** What an operator asked for. */
  repave?: Readonly<{ before: string; selectors: readonly string[] }> | undefined;
  /** What a policy asks for at the time of this run. */
  due?: DueVms | undefined;
}

/** The time before which an instance's VM must not have been made (ISO 8601): the later of both wishes. */
export function renewalBound({ repave, due }: RenewalRequest, instance: Selectable): string | undefined {
  const asked = repave && selectsInstance(repave.selectors, instance) ? repave.before : undefined;
  const aged = due && ageBound(due, instance);
  if (asked === undefined || aged === undefined) return asked ?? aged;
  return Date.parse(asked) > Date.parse(aged) ? asked : aged;
}
