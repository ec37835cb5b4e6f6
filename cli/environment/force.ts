/** Tells the provider that its own refusal is not needed: the plan was looked at, which knows more than placement does, or it is only looked. */
export const FORCED = { REPAVE_FORCE: "1" };

/** Environment variables of a run that has no plan, for `--force`. */
export function forceVariables(options: Record<string, unknown>): Record<string, string> {
  return options["force"] ? FORCED : {};
}
