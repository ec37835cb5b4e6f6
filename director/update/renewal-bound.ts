import { ageBound, type DueVms } from "../rollout/repave-policy.ts";
import { type Selectable, selectsInstance } from "../selectors.ts";

type Asked = Readonly<{ before: string; selectors: readonly string[] }>;

export interface RenewalRequest {
  /** What an operator asked for. */
  repave?: Asked | undefined;
  /** VMs whose agents do not answer, to be renewed in this run (`--fix`). */
  fix?: Asked | undefined;
  /** What a policy asks for at the time of this run. */
  due?: DueVms | undefined;
}

/** The time before which an instance's VM must not have been made (ISO 8601): the latest of these wishes. */
export function renewalBound({ repave, fix, due }: RenewalRequest, instance: Selectable): string | undefined {
  const asked = [repave, fix].flatMap((wish) => (wish && selectsInstance(wish.selectors, instance) ? [wish.before] : []));
  const aged = due && ageBound(due, instance);
  return [...asked, ...(aged === undefined ? [] : [aged])].reduce<string | undefined>((latest, bound) => (latest !== undefined && Date.parse(latest) >= Date.parse(bound) ? latest : bound), undefined);
}
