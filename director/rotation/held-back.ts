/** What decides whether a variable with `update: {strategy: on-stemcell-change}` keeps its value in this run. */
export interface HoldingVariable {
  options: Readonly<Record<string, unknown>>;
  generation: number;
  /** Two versions exist for a while: phases rest on each other, and nothing is held back. */
  alongside?: number | undefined;
  /** Stemcells of the deployment as `OS/VERSION`; absent for any other strategy. */
  stemcells?: readonly string[] | undefined;
}

/**
 * The variable as this run has it: one that waits for stemcells keeps its options and its generation, and so its value, unless every
 * stemcell of the deployment is of another version than at the last update. CAs never wait: what they sign does not.
 */
export function heldBack<T extends HoldingVariable>(wanted: T, before: HoldingVariable | undefined, options: { latest: boolean }): T {
  if (wanted.stemcells === undefined || before === undefined || options.latest) return wanted;
  if (wanted.alongside !== undefined || before.alongside !== undefined || wanted.options["is_ca"] === true) return wanted;
  const earlier = new Set(before.stemcells);
  const allNew = before.stemcells !== undefined && wanted.stemcells.length > 0 && wanted.stemcells.every((stemcell) => !earlier.has(stemcell));
  return allNew ? wanted : { ...wanted, options: before.options, generation: before.generation };
}
