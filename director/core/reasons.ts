/** Words for why something changes, from the old and new values of the inputs that differ. */
export function reasonsFor<T extends object>(olds: Partial<T>, news: Partial<T>, changed: readonly string[], words: Readonly<Record<string, string>>): string {
  return changed
    .map((key) => {
      const word = words[key] ?? key;
      const [from, to] = [olds, news].map((side) => short((side as Record<string, unknown>)[key]));
      return from === undefined || to === undefined || from === to ? `${word} changed` : `${word} ${from} → ${to}`;
    })
    .join(", ");
}

const LONGEST = 60;

/** A value that fits into a line; longer ones are only said to have changed. */
function short(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return "none";
  if (typeof value === "string" && !/^held:/.test(value)) return value.length <= LONGEST ? value : undefined;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object") return undefined;
  const text = Object.entries(value)
    .map(([key, item]) => `${key} ${String(item)}`)
    .join(" ");
  return text.length <= LONGEST && !text.includes("[object") ? text : undefined;
}
