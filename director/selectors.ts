import { RepaveError } from "./core/errors.ts";

/** What a selector can tell of an instance. */
export interface Selectable {
  group: string;
  index: number;
  id: string;
  az?: string | null;
}

/** What people write to mean some instances, taken apart. */
export type Selector =
  | { kind: "all" }
  | { kind: "group"; group: string }
  | { kind: "az"; group: string; az: string }
  | { kind: "indexes"; group: string; from: number; to: number }
  | { kind: "id"; group: string; id: string };

const HINT = "write GROUP, GROUP/INDEX, GROUP/ID, GROUP/0-49, GROUP@AZ or *";

/**
 * Reads `*`, `GROUP`, `GROUP/INDEX`, `GROUP/ID`, `GROUP/FROM-TO` (both ends meant) or `GROUP@AZ` (`*@AZ`: every group).
 *
 * @throws RepaveError `cli.usage`
 */
export function parseSelector(text: string): Selector {
  if (text === "*") return { kind: "all" };
  const [, group, sign, rest] = /^([^\s/@]+)(?:([/@])([^\s/@]+))?$/.exec(text) ?? [];
  if (group === undefined || (group === "*" && sign !== "@")) throw wrong(text);
  if (sign === undefined || rest === undefined) return { kind: "group", group };
  if (sign === "@") return { kind: "az", group, az: rest };
  const range = /^(\d+)(?:-(\d+))?$/.exec(rest);
  if (!range) return { kind: "id", group, id: rest };
  const from = Number(range[1]);
  const to = Number(range[2] ?? range[1]);
  if (to < from) throw wrong(text, `; ${from} is more than ${to}`);
  return { kind: "indexes", group, from, to };
}

function wrong(text: string, why = ""): RepaveError {
  return new RepaveError("cli.usage", `'${text}' selects no instance${why}`, { details: { selector: text }, hint: HINT });
}

/** Whether any of the selectors means this instance. `GROUP@AZ` means nothing where the AZ is not told. */
export function selectsInstance(selectors: readonly string[], instance: Selectable): boolean {
  return selectors.some((text) => means(parseSelector(text), instance));
}

function means(selector: Selector, { group, index, id, az }: Selectable): boolean {
  switch (selector.kind) {
    case "all":
      return true;
    case "group":
      return selector.group === group;
    case "az":
      return (selector.group === "*" || selector.group === group) && selector.az === az;
    case "indexes":
      // An id may look like a range: it is then meant by its whole text.
      return selector.group === group && ((selector.from <= index && index <= selector.to) || id === rangeText(selector));
    case "id":
      return selector.group === group && selector.id === id;
  }
}

function rangeText({ from, to }: { from: number; to: number }): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/**
 * The instances that selectors mean, in their given order; none given means all.
 *
 * @throws RepaveError `cli.unknown-instance` for a selector that means nothing
 */
export function chooseInstances<T extends Selectable>(known: readonly T[], selectors: readonly string[]): T[] {
  if (selectors.length === 0) return [...known];
  for (const selector of selectors) {
    if (known.some((instance) => selectsInstance([selector], instance))) continue;
    throw new RepaveError("cli.unknown-instance", `No instance is selected by '${selector}'`, { details: { selector }, hint: `known are ${sample(known)}` });
  }
  return known.filter((instance) => selectsInstance(selectors, instance));
}

const SAMPLE = 12;

function sample(known: readonly Selectable[]): string {
  const names = known.map((i) => `${i.group}/${i.index}`);
  return names.length === 0 ? "none" : names.length <= SAMPLE ? names.join(", ") : `${names.slice(0, SAMPLE).join(", ")} and ${names.length - SAMPLE} more`;
}
